"""Records of CSV text, quoted as in RFC 4180."""

import csv
import re
from collections.abc import Iterable, Iterator

from ..common.errors import DamagedError, one_line
from .text_lines import decoded

LONGEST = 20  # lines of one record; a sentence is no longer
SEPARATOR = re.compile(r",(?=\S)")  # prose has a space after a comma


def csv_records(lines: Iterable[bytes], name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of the last line of each record, from 1, and its fields.

    Empty lines are skipped. Raises PipelineError with `name` and the line for text that is not
    UTF-8 or not CSV, and for a quotation mark that seems to join several records into one.
    """
    record: list[str] = []  # the lines of the record that is being read

    def read_lines_of_record() -> Iterator[str]:
        for number, line in enumerate(lines, start=1):
            record.append(decoded(line, f"{name}:{number}"))
            yield record[-1]

    reader = csv.reader(read_lines_of_record(), strict=True)
    start = 1
    try:
        for fields in reader:
            if len(record) > 1 and joins_records(record, len(fields)):
                raise csv.Error(f"it has {len(record)} lines")
            if fields:
                yield reader.line_num, fields
            start = reader.line_num + 1
            record.clear()
    except csv.Error as error:
        raise DamagedError(
            f"{name}:{start}: not CSV, perhaps for a quotation mark that is not closed or not "
            f'doubled ({one_line(error)}): write a quoted text as "a ""word"", and more"'
        ) from error


def joins_records(lines: list[str], columns: int) -> bool:
    """Whether the lines of one record look like a record each.

    They do if each has as many separators as a record, taking quotation marks as ordinary text.
    """
    alike = all(len(SEPARATOR.findall(line)) == columns - 1 for line in lines)
    return alike or len(lines) > LONGEST
