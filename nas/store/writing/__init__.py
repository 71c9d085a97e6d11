"""All that changes the store; each public method is one transaction."""
