"""Reading the tables and code of a Markdown page."""

import re
import textwrap


def cells(table):
    lines = [line for line in table.splitlines() if not set(line) <= set("|:- ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def blocks(text):
    """The indented blocks of a page."""
    found = re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", text, re.M)
    return [textwrap.dedent(block).strip("\n") for block in found]
