"""The command that draws word links."""

from clones import ROOT, run, run_step

from pipeline.draw_links.drawn_pairs import GoldFile, read_drawn_pairs
from pipeline.draw_links.links_page import links_page

FILES = {
    "de": "der alte Hund\ndas Haus\n",
    "en": "the old dog\nthe house\n",
    "links": "0-0:0.9 1-1:0.5\n0-0:1\n",
    "gold": "1-1 2?2 3-3\n1-1\n",
    "long": "0-0\n0-0\n0-0\n",
}


def test_draw_links_writes_the_page_or_nothing(tmp_path, warm):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    texts = [tmp_path / "de", tmp_path / "en"]
    links, gold = tmp_path / "links", tmp_path / "gold"
    out = tmp_path / "new" / "out.html"
    options = ["--language", "de", "--gold", gold, "--one-based", "--title", "My <links>"]
    command = ["python", "-m", "stages", "draw-links", *texts, links, out, *options]
    result = run(ROOT, *map(str, command))
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"{out}: 3 links in 2 sentence pairs\n"
    pairs = read_drawn_pairs(*texts, links, GoldFile(gold, one_based=True), "de")
    assert [pair.missing for pair in pairs] == [[(2, 2)], []]
    assert out.read_text("utf-8") == links_page(pairs, "My <links>")
    out = tmp_path / "none.html"
    result = run_step(ROOT, warm, *map(str, ["draw-links", *texts, tmp_path / "long", out]))
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith(f"error: {tmp_path / 'long'}: 3 lines, but {texts[0]}: 2: give one line")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*FILES, "new"])
