"""The step judge, in a finished run."""

import pandas as pd
import pytest
from clones import copied, edit_params

from stages.judge import main as judge


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory):
    return copied(finished, tmp_path_factory.mktemp("judge") / "project")


def test_a_pair_has_the_same_finders_whatever_aligner_word_align_used(project, monkeypatch):
    monkeypatch.chdir(project)
    files = [
        project / "artifacts" / "judge" / "de" / f"{split}.parquet" for split in ("test", "dev")
    ]
    by_fast_align = [pd.read_parquet(file) for file in files]
    assert "neither" not in set(by_fast_align[0]["found_by"])  # word_align's pairs are fast_align's
    edit_params(project, lambda params: params["word_align"].update(backend="eflomal"))
    judge("de")
    for file, expected in zip(files, by_fast_align, strict=True):
        pd.testing.assert_frame_equal(pd.read_parquet(file), expected)


def test_the_table_of_finders_has_a_row_for_each_pair(project):
    for split in ("test", "dev"):
        pairs, judged = (
            pd.read_parquet(project / "artifacts" / step / "de" / f"{split}.parquet")
            for step in ("pairs", "judge")
        )
        assert len(pairs) == len(judged) > 0
