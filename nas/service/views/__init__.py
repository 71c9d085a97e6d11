"""What the pages show: one function a page, each returns one record of plain data. The command line and the
API render the same. Nothing here imports torch, Ray or Optuna: what needs them runs in another process."""
