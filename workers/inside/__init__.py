"""Looking into a trained network: what it sees, as pictures with the numbers behind them.

`workers.inside.base` says what a view is; a file of this folder adds one. Torch and Pillow are imported
here, so a light command imports `workers.pictures` at most.
"""
