"""Sentences in the direction of their script, in a real browser."""

from report_data import make_run

from pipeline.report.page import page


def test_sentences_from_right_to_left_begin_at_the_right(browser, tmp_path):
    """Also those of which every word can be clicked."""
    run = make_run()
    letters = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابتثجحخدذرزسشصضطظعغفقكلمنه")
    test = run.tests["de"]
    test.source[:] = [text.lower().translate(letters) for text in test.source]
    test.pairs["source_word"] = test.pairs["source_word"].str.lower().str.translate(letters)
    (tmp_path / "index.html").write_text(page(run), "utf-8")
    tab = browser.new_page()
    tab.goto((tmp_path / "index.html").as_uri())
    tab.wait_for_selector("body[data-ready]", timeout=60_000)
    sentences = tab.locator("#browse-detail .sentence")
    boxes = [each.bounding_box()["x"] for each in sentences.nth(0).locator("button, mark").all()]
    assert len(boxes) > 2
    assert boxes == sorted(boxes, reverse=True)
    boxes = [each.bounding_box()["x"] for each in sentences.nth(1).locator("span, mark").all()]
    assert boxes == sorted(boxes)
    tab.close()
