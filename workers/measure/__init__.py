"""What a network costs where it runs: time, memory, and whether its numbers are still numbers."""
