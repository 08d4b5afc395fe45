"""Small data sets in the layouts of XNLI-1.0, XNLI-MT-1.0, MultiNLI 1.0 and facebook/xnli."""

import json
import zipfile
from pathlib import Path

import pandas as pd

from pipeline.nli.sources import Files

ALL = {"train": 999, "dev": 999, "test": 999}  # more than there are
LABELS = ["neutral", "contradiction", "entailment"]
# One premise per row in each language; hypotheses contain their label.
PREMISES = {
    "en": [
        'He said "Mama, I\'m home."',
        "The tax was raised.",
        "Nobody came to the party.",
        "uh-huh",
    ],
    "de": ['Er sagte: "Mama, ich bin daheim', "Die Steuer stieg.", "Niemand kam.", "mhm"],
    "sw": ['Naye akasema, "Mama', "Kodi ilipanda.", "Hakuna aliyekuja.", "mm"],
    "bg": ["Той каза: „Мамо, вкъщи съм“", "Данъкът се вдигна.", "Никой не дойде.", "ъхъ"],
    "el": ["Είπε: «Μαμά, γύρισα»", "Ο φόρος αυξήθηκε.", "Κανείς δεν ήρθε.", "αχά"],
    "es": ["Dijo: «Mamá, estoy en casa»", "Subió el impuesto.", "No vino nadie.", "ajá"],
    "fr": ["Il a dit : « Maman, je suis là »", "L'impôt a monté.", "Nul n'est venu.", "mhm"],
}
# fmt: off
HEADER = [
    "language", "gold_label", "sentence1_binary_parse", "sentence2_binary_parse",
    "sentence1_parse", "sentence2_parse", "sentence1", "sentence2", "promptID", "pairID", "genre",
    "label1", "label2", "label3", "label4", "label5", "sentence1_tokenized", "sentence2_tokenized",
    "match",
]
# fmt: on


def rows(language: str, first: int = 0, last: int = 3) -> list[tuple[str, str, str]]:
    """Premise, hypothesis and label: three examples of each premise from `first` to `last`."""
    return [
        (premise, f"{language} {label} of {number}.", label)
        for number, premise in list(enumerate(PREMISES[language]))[first:last]
        for label in LABELS
    ]


def xnli_tsv(languages: list[str], first: int, last: int) -> str:
    """The text of xnli.dev.tsv: some columns deliberately empty, no quoting."""
    lines = [HEADER]
    for language in languages:
        for number, (premise, hypothesis, label) in enumerate(rows(language, first, last), start=1):
            keys = [str((number + 2) // 3), str(number), "facetoface"]
            votes = [label, label, "neutral", label, label]
            texts = [premise, hypothesis]
            lines.append([language, label, *[""] * 4, *texts, *keys, *votes, *texts, "True"])
    return "".join("\t".join(line) + "\n" for line in lines)


def write_xnli(path: Path, languages: tuple[str, ...] = ("de", "en", "sw")) -> Path:
    """XNLI-1.0.zip, with the extra file that macOS adds."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/XNLI-1.0/._xnli.test.tsv", "Mac OS X")
        for split, bounds in (("dev", (0, 1)), ("test", (1, 3))):
            archive.writestr(f"XNLI-1.0/xnli.{split}.tsv", xnli_tsv([*languages], *bounds))
            archive.writestr(f"XNLI-1.0/xnli.{split}.jsonl", "")
    return path


def multinli_line(number: int, premise: str, hypothesis: str, label: str) -> str:
    content = {
        "annotator_labels": [label],
        "genre": "government",
        "gold_label": label,
        "pairID": f"{number}{label[0]}",
        "promptID": str(number),
        "sentence1": premise,
        "sentence1_binary_parse": f"( {premise} )",
        "sentence1_parse": f"(ROOT {premise})",
        "sentence2": hypothesis,
        "sentence2_binary_parse": f"( {hypothesis} )",
        "sentence2_parse": f"(ROOT {hypothesis})",
    }
    return json.dumps(content) + "\n"


def write_multinli(path: Path, more: tuple[tuple[str, str, str], ...] = ()) -> Path:
    """multinli_1.0.zip; `more` examples follow those of the last premise."""
    content = [*rows("en", 3, 4), ("An example", "without agreement.", "-"), *more]
    lines = [multinli_line(number, *row) for number, row in enumerate(content)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("multinli_1.0/multinli_1.0_train.jsonl", "".join(lines))
        archive.writestr("multinli_1.0/multinli_1.0_dev_matched.jsonl", "")
        archive.writestr("multinli_1.0/multinli_1.0_train.txt", "")
    return path


def write_translated(path: Path, languages: tuple[str, ...] = ("de", "en")) -> Path:
    """XNLI-MT-1.0.zip: Moses tokens, and another name for contradictions."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for language in languages:
            lines = ["premise\thypo\tlabel\n"]
            for premise, hypothesis, label in rows(language, 3, 4):
                name = "contradictory" if label == "contradiction" else label
                lines.append(f"{premise} &quot;\t{hypothesis} .\t{name}\n")
            member = f"XNLI-MT-1.0/multinli/multinli.train.{language}.tsv"
            archive.writestr(member, "".join(lines))
        archive.writestr("XNLI-MT-1.0/xnli/xnli.test.de.en.tsv", "")
    return path


def write_hub(folder: Path, languages: tuple[str, ...] = ("en", "de")) -> None:
    """Folders of facebook/xnli: one per language, labels as numbers."""
    numbers = {"entailment": 0, "neutral": 1, "contradiction": 2}
    bounds = {"train": (3, 4), "validation": (0, 1), "test": (1, 3)}
    for language in languages:
        (folder / language).mkdir(parents=True)
        for split, ends in bounds.items():
            frame = pd.DataFrame(rows(language, *ends), columns=["premise", "hypothesis", "label"])
            frame["label"] = frame["label"].map(numbers)
            frame.to_parquet(folder / language / f"{split}-00000-of-00001.parquet")


def own(folder: Path, **texts: str) -> Files:
    """One TSV per split, in the layout of XNLI; the given `texts` are written."""
    for split, text in texts.items():
        (folder / f"{split}.tsv").write_text(text, "utf-8")
    named = f"file:{folder}/{{}}.tsv#premise=sentence1&hypothesis=sentence2&label=gold_label"
    named += "&language=language&id=pairID"
    return Files(*(named.replace("{}", split) for split in ("train", "dev", "test")))


def texts(frame: pd.DataFrame, language: str) -> list[tuple[str, str, str]]:
    """The examples of a language in a split."""
    mine = frame[frame.language == language]
    return list(zip(mine.premise, mine.hypothesis, mine.label, strict=True))
