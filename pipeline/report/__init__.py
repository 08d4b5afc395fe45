"""The report of all steps: report.md, tables to plot, and the HTML page."""
