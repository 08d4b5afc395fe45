"""The paper's run from end to end, on data of a few sentences in the layouts of their hosts.

Everything comes over a proxy as companies have it, with a certificate of its own, which stands in
for the hosts; text and encoder are made up here. Of configs/paper.yaml only sizes differ, and the
address of the inference data, since the checksums of the official archives are known.
"""

import io
import random
import shutil
import zipfile
from pathlib import Path

import pytest
import yaml
from clones import ROOT, copy_project, done, edit_params, ran
from hub import Hub
from internet import internet, store
from nli_data import write_multinli, write_translated, write_xnli
from warm import WarmShell
from zoo import TOKENIZERS, make_folder

from pipeline.corpora.catalogue import OPUS

# Words and their translations, a language per line.
WORDS = {
    code: words.split()
    for code, words in (
        ("en", "house water road council vote summer citizen letter border market report"),
        ("bg", "къща вода път съвет глас лято гражданин писмо граница пазар доклад"),
        ("de", "Haus Wasser Straße Rat Stimme Sommer Bürger Brief Grenze Markt Bericht"),
    )
}
LANGUAGES = [code for code in WORDS if code != "en"]
HOSTS = (OPUS.removeprefix("https://"), "mirror.example", "huggingface.co", "cdn-lfs.example")


def europarl(code: str) -> tuple[str, bytes]:
    """Path and content of a language's Moses zip in the store of OPUS."""
    choose = random.Random(code)
    numbers = [choose.choices(range(len(WORDS["en"])), k=14) for _ in range(40)]
    pair = "-".join(sorted((code, "en")))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README", "Europarl")
        for side in (code, "en"):
            lines = (" ".join(WORDS[side][number] for number in line) + " .\n" for line in numbers)
            archive.writestr(f"Europarl.{pair}.{side}", "".join(lines))
        archive.writestr(f"Europarl.{pair}.xml", "<cesAlign/>")
    return f"/OPUS-Europarl/v8/moses/{pair}.txt.zip", content.getvalue()


def inference(folder: Path) -> dict[str, bytes]:
    """Paths and contents of the three archives."""
    folder.mkdir()
    everywhere = ("en", *LANGUAGES)
    archives = (
        write_xnli(folder / "XNLI-1.0.zip", everywhere),
        write_multinli(folder / "multinli_1.0.zip"),
        write_translated(folder / "XNLI-MT-1.0.zip", everywhere),
    )
    return {f"/nli/{path.name}": path.read_bytes() for path in archives}


def small(params):
    """The sizes that a few sentences allow, fewer languages, and one run of a kind."""
    params["languages"] = {code: params["languages"][code] for code in LANGUAGES}
    params["download"]["max_pairs"] = 36
    params["pairs"] |= {"test": 8, "dev": 4}
    params["align"]["defaults"] |= {"sentences": 16, "dev_steps": 2}
    params["nli"] |= {"train": 3, "dev": 3, "test": 6}
    params["nli"]["xnli"] = {
        "test": "https://mirror.example/nli/XNLI-1.0.zip",
        "train": "https://mirror.example/nli/multinli_1.0.zip",
        "translated": "https://mirror.example/nli/XNLI-MT-1.0.zip",
    }
    params["xnli"] |= {"seeds": [1], "translate_train": ["bg"]}
    params["analyses"]["resamples"] = 40


def sites(folder: Path, encoder: dict[str, str]) -> dict[str, type]:
    """What each host serves; `encoder` is the block of params."""
    make_folder(
        folder / "mbert",
        "bert",
        TOKENIZERS["WordPiece, cased"](),
        num_hidden_layers=12,
        max_position_embeddings=512,
    )
    attributes = {"folder": folder / "mbert", "requests": [], "authorized": set()}
    attributes |= {"name": encoder["name"], "commit": encoder["revision"]}
    hub = type("PaperHub", (Hub,), attributes | {"store": "https://cdn-lfs.example"})
    served = (store(dict(map(europarl, LANGUAGES))), store(inference(folder / "nli")), hub, hub)
    return dict(zip(HOSTS, served, strict=True))


@pytest.mark.slow
def test_the_papers_run_goes_from_its_hosts_to_the_report(encoder_folder, tmp_path):
    project = copy_project(tmp_path / "project", encoder_folder)
    shutil.copy(ROOT / "params.yaml", project)
    done(project, "dvc", "pull", "data")
    done(project, "python", "-m", "stages", "configure", "configs/paper.yaml")
    edit_params(project, small)
    params = yaml.safe_load((project / "params.yaml").read_text("utf-8"))
    with internet(tmp_path, sites(tmp_path, params["encoder"])) as (asked, variables):
        shell = WarmShell(tmp_path, **variables)
        variables["SHELL"] = str(shell.program)
        try:
            stages = ran(done(project, str(shell.program), "dvc", "repro", **variables))
            fetched = set(asked)
            again = done(project, str(shell.program), "dvc", "repro", **variables)
        finally:
            shell.stop()
    assert fetched == set(asked) == set(HOSTS)
    for step in ("aligner", "download@bg", "align@frozen", "xnli@l2-1", "translate_train@bg-1"):
        assert step in stages
    assert ran(again) == []
    report = (project / "artifacts" / "report" / "index.html").read_text("utf-8")
    for named in (params["encoder"]["name"], "europarl", "Europarl, MT Summit", "XNLI"):
        assert named in report
    table = (project / "artifacts" / "report" / "report.md").read_text("utf-8")
    for code in LANGUAGES:
        assert f"| {code} → en |" in table
        assert f"| en → {code} |" in table
