"""The end of a search: train what it found for long, and test that honestly, once."""
