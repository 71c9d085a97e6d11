"""The families that ship with `nas`: one YAML each, and `blocks.yaml` with the definitions they share.

Data only: `importlib.resources.files("search_spaces")` finds the files in a checkout and in a wheel.
"""
