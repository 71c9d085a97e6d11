"""The pages: a module a theme, each with a `router`; see `nas.dashboard`."""
