"""Who may do what: tokens, cookies, origins, sizes, failures, headers, and what is written down of it."""
