"""Parts of the adapters: the shared rate limit, keys for encryption, streams without secrets."""
