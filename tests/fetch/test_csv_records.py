import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.common.errors import PipelineError
from pipeline.fetch.csv_records import csv_records

ROWS = [f"Satz {number},sentence {number}\n" for number in range(400)]


def read(text):
    return list(csv_records(io.BytesIO(text.encode()), "a.csv"))


def fault(text):
    with pytest.raises(PipelineError, match=r"a.csv:\d+: ") as error:
        read(text)
    assert str(error.value).isprintable()
    return str(error.value)


# A comma within a text has a space after it, as prose has: that tells it from a separator.
PIECES = st.sampled_from(["a", "b", " ", "ä", ", ", ";", '"', "'", "\n", "\r", "\t", "\u2028"])
CELLS = st.lists(PIECES, max_size=6).map("".join)


@given(st.lists(st.tuples(CELLS, CELLS, st.just("x")), max_size=5))
def test_what_a_writer_quotes_is_read_back(rows):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    assert [fields for _, fields in read(text.getvalue())] == [list(row) for row in rows]


@pytest.mark.parametrize("closing", [40, 250, 399])
def test_a_mark_that_swallows_records_is_named_by_its_line(closing):
    """Both marks are stray, so the text between them is one field by the grammar of CSV."""
    lines = ROWS.copy()
    lines[30] = 'Satz,"sentence\n'
    lines[closing] = 'Satz,sentence"\n'
    fields = next(csv.reader(["".join(lines[30 : closing + 1])]))
    assert len(fields) == 2  # what a lenient reader takes it for
    assert fault("".join(lines)).startswith("a.csv:31: not CSV, perhaps for a quotation mark")


def test_lines_of_one_record_that_look_like_a_record_each_are_refused_not_guessed():
    assert fault('",","\n,","x"\r\n').startswith("a.csv:1: not CSV")


def test_a_pair_of_neighbours_is_not_swallowed():
    assert fault('a,b\nSatz,"x\ny,z"\n').startswith("a.csv:2: not CSV")


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ('"Komm her, sagte er,come here\n', 31),  # never closed
        ('"Komm" her,come here\n', 31),
        ('"Er sagte \\"ja\\", so",he said\n', 31),
    ],
)
def test_a_mark_that_is_not_closed_or_not_doubled_is_named(line, number):
    assert fault("".join([*ROWS[:30], line, *ROWS])).startswith(f"a.csv:{number}: not CSV")


def test_a_mark_is_named_that_is_closed_by_the_next_quoted_text():
    text = "".join([*ROWS[:30], '"Komm her,come\n', *ROWS, '"a, b",c\n'])
    assert fault(text).startswith("a.csv:31: not CSV")


def test_a_file_that_never_closes_its_mark_is_not_read_to_its_end():
    def lines():
        yield b'"Satz,sentence\n'
        for number in range(10**9):
            yield b"Satz %d,sentence\n" % number

    with pytest.raises(PipelineError, match=r"a.csv:1: not CSV.*field larger than"):
        list(csv_records(lines(), "a.csv"))


def test_texts_of_several_lines_are_legitimate():
    text = '"- Hallo, du\n- Ja, bitte","- Hi, you\n- Yes, please"\n"a\nb\n\nc",d\n'
    assert [number for number, _ in read(text)] == [3, 7]
    assert read(text)[1][1] == ["a\nb\n\nc", "d"]
    assert fault('"' + "a\n" * 30 + '",b\n').startswith("a.csv:1: not CSV")
