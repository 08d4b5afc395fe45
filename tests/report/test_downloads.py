"""The tables of the charts in a real browser: files to download, and LaTeX to copy."""

import pytest

from pipeline.report.page import page


@pytest.fixture(scope="module")
def files(run):
    return run.chart_files


@pytest.fixture(scope="module")
def tab(browser, run, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(page(run), "utf-8")
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    tab = context.new_page()
    tab.goto(path.as_uri())
    tab.wait_for_selector("body[data-ready]", timeout=60_000)
    yield tab
    context.close()


def downloaded(tab, act):
    with tab.expect_download() as caught:
        act()
    return caught.value.suggested_filename, caught.value.path().read_text("utf-8")


def test_every_link_has_its_file(tab, files):
    # Read from the links: Chromium ignores clicks that download more than ten files a second.
    read = "async link => [link.download, await (await fetch(link.href)).text()]"
    links = tab.locator("a[download]").all()
    assert len(links) == len(files)
    assert dict(link.evaluate(read) for link in links) == files


def test_a_click_downloads(tab, files):
    link = tab.locator("a[download='retrieval.csv']")
    assert downloaded(tab, link.click) == ("retrieval.csv", files["retrieval.csv"])


def test_the_keyboard_reaches_a_link_and_downloads(tab, files):
    tab.locator("[data-chart=gold] ~ details summary").focus()
    for name, shown in (("gold.csv", "CSV"), ("gold.tex", "LaTeX")):
        tab.keyboard.press("Tab")
        focused = tab.locator(":focus")
        assert focused.text_content() == f"{shown} table of Alignment error rate on gold sets"
        assert downloaded(tab, lambda: tab.keyboard.press("Enter")) == (name, files[name])


def test_latex_is_copied_and_the_page_says_so(tab, files):
    button = tab.locator("[data-copy='inference.tex']")
    button.focus()
    tab.keyboard.press("Enter")
    status = button.locator("xpath=following-sibling::*[@role='status']")
    status.get_by_text("copied").wait_for()
    assert tab.evaluate("navigator.clipboard.readText()") == files["inference.tex"]


def test_without_javascript_there_are_no_dead_links(browser, run, tmp_path):
    path = tmp_path / "index.html"
    path.write_text(page(run), "utf-8")
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(path.as_uri())
    assert tab.locator(".files a").count() == 36
    assert tab.locator(".files a:visible, .files button:visible").count() == 0
    context.close()
