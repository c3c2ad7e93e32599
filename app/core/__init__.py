"""Pure code: no clock, network, database or environment."""
