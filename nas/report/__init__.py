"""Reports: a study, or several, as one HTML file that is read offline, mailed, or put beside a paper.

It has no script and asks nothing of any host: charts are SVG, the data of each figure are a table beside it
and a CSV inside the file.
"""

from nas.report.report import file_name, report

__all__ = ["file_name", "report"]
