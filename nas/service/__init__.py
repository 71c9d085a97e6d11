"""Everything that can be asked or done, as plain functions that return records.

The command line and the dashboard only render what these return. Reading imports neither torch,
Ray nor Optuna; pricing a network not even SQL.
"""
