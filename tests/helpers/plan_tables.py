"""Edits of the finished project, and the stages that `dvc repro` must run after each."""

from edited_params import GIVEN

# The stages of the finished project by step.
STAGES = {
    "own": ["own"],
    "encoder": ["encoder"],
    "download": ["download@de", "download@fr"],
    "tokenize": ["tokenize@de", "tokenize@fr"],
    "aligner": ["aligner"],
    "word_align": ["word_align@de", "word_align@fr"],
    "pairs": ["pairs@de", "pairs@fr"],
    "judge": ["judge@de", "judge@fr"],
    "align": ["align@base", "align@l2"],
    "retrieval": ["retrieval@base", "retrieval@l2"],
    "analyses": ["analyses@de", "analyses@fr"],
    "nli": ["nli"],
    "xnli": ["xnli@base-1", "xnli@l2-1"],
    "translate_train": ["translate_train@de-1"],
    "continual": ["continual@l2-1"],
    "report": ["report"],
    "release": ["release"],
}
ALL = " ".join(STAGES)
# What word pairs reach, and what inference data reach.
JOINT = "align retrieval analyses xnli continual report release"
# What an encoder reaches if the aligner becomes another with it, which it does for
# word_align.backend: encoder alone (tests/word_align/test_encoder_links.py). A plan assumes so.
ENCODER = "encoder aligner word_align pairs judge"
FETCHED = "download tokenize word_align pairs judge nli translate_train"
TUNED = "xnli translate_train continual report release"

HUB = GIVEN["nli"]["hub"]
# A param and its new value; the steps that run, or single stages of them.
PARAMS = [
    ("encoder.name", "e5-small", f"own {ENCODER} {JOINT} translate_train"),
    ("download.seed", 2, f"download tokenize word_align pairs judge {JOINT}"),
    ("tokenize.min_words", 3, f"tokenize word_align pairs judge {JOINT}"),
    ("aligner.commit", "0" * 40, f"aligner word_align pairs judge {JOINT}"),
    ("word_align.provider", "source", f"aligner word_align pairs judge {JOINT}"),
    ("word_align.backend", "eflomal", f"aligner word_align pairs judge {JOINT}"),
    ("word_align.seed", 2, f"word_align pairs judge {JOINT}"),
    ("judge.agree", 1, "judge analyses report release"),
    ("report.pairs", "all", "report release"),
    ("pairs.numbers", False, f"pairs judge {JOINT}"),
    ("align.defaults.seed", 2, JOINT),
    ("align.defaults.sentences", 15, JOINT),
    (
        "align.l2.seed",
        2,
        "align@l2 retrieval@l2 analyses xnli@l2-1 continual report release",
    ),
    ("align.contrastive.seed", 2, ""),
    ("retrieval.neighbours", 9, "retrieval analyses report release"),
    ("analyses.seed", 2, "analyses report release"),
    ("nli.seed", 2, f"nli {TUNED}"),
    ("nli", {"source": "hub", "hub": HUB | {"translated": True}}, f"own nli {TUNED}"),
    ("xnli.tuning.batch", 8, TUNED),
    ("xnli.alignment_weight", 2.0, "continual report release"),
    (
        "xnli.seeds",
        [1, 2],
        "xnli@base-2 xnli@l2-2 translate_train@de-2 continual@l2-2 report release",
    ),
    ("xnli.translate_train", [], "report release"),
    ("xnli.translate_train", ["de", "fr"], "translate_train@fr-1 report release"),
    ("xnli.continual", [], "report release"),
    ("release.licence", "mit", "release"),
    ("trackers", ["tensorboard"], ""),
    ("methods", ["base"], "analyses report release"),
    (
        "methods",
        ["base", "l2", "rotation"],
        "align@rotation retrieval@rotation analyses xnli@rotation-1 report release",
    ),
    (
        "languages.es",
        {"corpus": "file:own/fr.tsv"},
        "own download@es tokenize@es word_align@es pairs@es judge@es analyses@es "
        f"nli translate_train {JOINT}",
    ),
    (
        "languages.fr",
        None,
        f"own align retrieval analyses@de nli {TUNED}",
    ),
    (
        "languages.fr.corpus",
        "file:own/de.tsv",
        f"own download@fr tokenize@fr word_align@fr pairs@fr judge@fr nli translate_train {JOINT}",
    ),
    (
        "languages.fr.align",
        False,
        f"own nli translate_train {JOINT}",
    ),
    (
        "languages.fr.gold",
        "data/gold/fr.txt",
        f"own word_align@fr pairs@fr judge@fr nli translate_train {JOINT}",
    ),
]

# Files to which a comment is added, and that are no dependency: nothing runs.
NO_DEPENDENCY = [
    "README.md",
    "params.yaml",
    "tests/helpers/clones.py",
    "stages/params.py",
    "stages/usage.py",
    "stages/limits.py",
    "stages/unchanged.py",
    "pipeline/common/errors.py",
    "pipeline/common/progress.py",
    "pipeline/common/machine.py",
]

# A file to which a comment is added, of every room at least one; what runs.
FILES = [
    ("stages/tokenize.py", f"tokenize word_align pairs judge {JOINT}"),
    ("stages/prune.py", JOINT),
    ("pipeline/common/files.py", ALL),
    ("pipeline/statistics/significance.py", "report release"),
    ("pipeline/fetch/transfer/web.py", f"{FETCHED} {JOINT}"),
    ("pipeline/corpora/readers/software.py", f"download tokenize word_align pairs judge {JOINT}"),
    ("pipeline/corpora/catalogue.py", f"own download tokenize word_align pairs judge {JOINT}"),
    ("pipeline/tokenize/moses.py", f"tokenize word_align pairs judge {JOINT}"),
    ("pipeline/obtain/e5_small.py", f"{ENCODER} {JOINT} translate_train"),
    ("pipeline/encoder/rotation.py", f"word_align pairs judge {JOINT} translate_train"),
    ("pipeline/word_align/thot_aligners.py", f"word_align pairs judge {JOINT}"),
    ("pipeline/pairs/word_pairs.py", f"pairs judge {JOINT}"),
    ("pipeline/align/loop.py", JOINT),
    ("pipeline/judge/judge.py", "judge analyses report release"),
    ("pipeline/retrieval/by_layer.py", "retrieval analyses report release"),
    ("pipeline/analyses/word_groups.py", "analyses report release"),
    ("pipeline/nli/sample.py", f"nli {TUNED}"),
    ("pipeline/own/fingerprints.py", "own"),
    ("pipeline/xnli/classifier.py", TUNED),
    ("pipeline/xnli/continual.py", TUNED),
    ("pipeline/report/nli.py", "report release"),
    ("pipeline/release/model_card.py", "release"),
    ("pipeline/needs/space.py", ""),
    ("pipeline/draw_links/links_page.py", ""),
]

# A file of own/ to which a line is added; what runs.
OWN = [
    ("own/README.md", "own"),
    ("own/fr.tsv", f"own download@fr tokenize@fr word_align@fr pairs@fr judge@fr {JOINT}"),
    ("own/tiny/config.json", f"own {ENCODER} {JOINT} translate_train"),
]

# Of these a stage may run again, but never a training or fine-tuning if what it gives is the same.
MESSAGES = [
    "pipeline/common/errors.py",
    "pipeline/common/progress.py",
    "pipeline/obtain/e5_small.py",
    "pipeline/fetch/wheels.py",
]

# What tools leave in a room; none of it is a change.
LEFT = [
    "__pycache__/a.pyc",
    ".vectors.py.swp",
    "vectors.py~",
    ".DS_Store",
    ".ipynb_checkpoints/a.ipynb",
]

# A file of data/ to which a comment is added, and `dvc add data`; what runs.
DATA = [
    ("data/abbreviations/bg.txt", f"tokenize word_align pairs judge {JOINT}"),
    ("data/gold/fr.txt", f"word_align pairs judge {JOINT}"),
    ("data/closed_class/en.txt", "analyses report release"),
    ("data/nli/de.yaml", f"nli {TUNED}"),
]
