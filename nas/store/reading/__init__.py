"""All that reads the store; each public method is one snapshot."""
