"""The REST API: a router for each subject, its answer models beside it. Computes no figures."""
