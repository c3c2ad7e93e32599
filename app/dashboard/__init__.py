"""The page: the sync, the work and the hours, for people who would rather look than read."""
