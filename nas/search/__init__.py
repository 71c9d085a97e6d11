"""Search: samplers and stoppers decide, a study asks and tells, one driver loop runs it all.

The only room that imports Optuna. SQL is the only owner of truth: samplers are rebuilt from a
bounded history, so any process may die and any other go on.
"""
