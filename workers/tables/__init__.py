"""Tables of results: what trainings came to, looked up instead of trained.

A table is a CSV file (UTF-8, with a header) or a Parquet file, either of them gzipped if its name ends with
`.gz`; one row a network:

    op[0],op[1],op[2],op[3],op[4],op[5],error@12,error@200,seconds@12,seconds@200,test_error
    conv3,none,conv3,none,none,conv3,0.2036,0.1052,105.1,1752.4,0.1011

- **Which network.** A column per parameter of the space. A vector has a column per element, `op[0]`, `op[1]`,
  …, or one column with the list as JSON. The cell of a parameter that is not active is empty. Instead of
  these, or besides, a column `arch_id`: a point that has no row of its own takes that of its network.
- **What came of it.** Every other column is a metric, numbers all. `metric@EPOCH` is its value after so many
  epochs; one without an epoch is told with the last epoch of the table.
- **What it took.** `seconds` is the time of the whole training, of which every epoch has the same share;
  `seconds@EPOCH` the time from the start to the end of that epoch. It is a metric too, and what the
  simulated engine lives by.
- `nan` and `inf` are results: a training that diverged; its trial fails so. An empty cell is no result.
"""
