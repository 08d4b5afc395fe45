"""Reading the tables of a Markdown page."""


def cells(table):
    lines = [line for line in table.splitlines() if not set(line) <= set("|:- ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
