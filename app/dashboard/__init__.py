"""The web page: sync status, tasks, hours and people as HTML. Computes no figures."""
