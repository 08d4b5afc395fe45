"""A report and its page, and a browser to look at it."""

import shutil

import pytest
from report_data import make_run

from pipeline.report.page import page

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def run():
    return make_run()


@pytest.fixture(scope="module")
def html(run):
    return page(run)


@pytest.fixture(scope="module")
def browser():
    """A headless browser; tests are skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = next((path for path in map(shutil.which, NAMES) if path), None)
    if path is None:
        pytest.skip("no browser: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
