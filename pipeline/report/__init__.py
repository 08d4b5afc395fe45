"""The figures of all steps: report.md, the tables behind the plots, and the page."""
