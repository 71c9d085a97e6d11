"""The primitive layers, one file a kind."""
