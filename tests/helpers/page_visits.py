"""Pages opened in a real browser, from disk."""

from contextlib import contextmanager


@contextmanager
def visits(browser, file):
    """A function that opens a page, in a context of its own with the options given.

    What the console says and what is requested is kept in `said` and `asked` of the tab.
    """
    contexts = []

    def opened(**options):
        context = browser.new_context(**options)
        contexts.append(context)
        tab = context.new_page()
        tab.said, tab.asked = [], []
        tab.on("console", lambda message: tab.said.append(message.text))
        tab.on("pageerror", lambda error: tab.said.append(str(error)))
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.goto(file.as_uri())
        tab.wait_for_selector("body[data-ready]", timeout=60_000)
        return tab

    yield opened
    for context in contexts:
        context.close()
