"""Addresses of files that params may name."""

import pytest

from pipeline.common.errors import PipelineError
from pipeline.fetch.addresses import parse_address


@pytest.mark.parametrize(
    "address",
    [
        "https://alice:hunter2@host/a.tsv",
        "https://:hunter2@host/a.tsv",
        "https://host/a.tsv?key=hunter2",
        "s3://alice:hunter2@bucket/a.tsv",
        "s3://bucket/a.tsv#endpoint=https://:hunter2@host",
        "s3://bucket/a.tsv#endpoint=https://host?key=hunter2",
    ],
)
def test_an_address_with_credentials_is_refused_before_anything_is_written(address):
    with pytest.raises(PipelineError) as error:
        parse_address(address, "corpus", ())
    assert "hunter2" not in str(error.value)
