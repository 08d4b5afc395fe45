"""A report and its page."""

import pytest
from report_data import make_run

from pipeline.report.page import page


@pytest.fixture(scope="module")
def run():
    return make_run()


@pytest.fixture(scope="module")
def html(run):
    return page(run)
