"""Where trials run: `inline` in this process, `ray` in a pool of actors."""
