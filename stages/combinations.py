"""Params that are right one by one and wrong together.

They would fail after hours, or run to the end and mean nothing.
"""

from typing import TYPE_CHECKING

from pipeline.align.objectives import OBJECTIVES, UNALIGNED
from stages.methods import DEFAULTS

if TYPE_CHECKING:  # which imports this module
    from stages.params import Params


def wrong_together(params: "Params") -> list[str]:
    """Each fault as `KEY is VALUE, it must ...`, in the order of the pipeline."""
    return [
        *_text(params),
        *_languages(params),
        *_alignment(params),
        *_retrieval(params),
        *_inference(params),
    ]


def _text(params: "Params") -> list[str]:
    faults, pairs, limits, judge = [], params.pairs, params.tokenize, params.judge
    if params.download.max_pairs <= pairs.test + pairs.dev:
        faults.append(
            f"download.max_pairs is {params.download.max_pairs}, it must be above pairs.test + "
            f"pairs.dev, {pairs.test + pairs.dev}, or nothing is left for training"
        )
    if limits.min_characters + 1 >= limits.max_characters:
        faults.append(
            f"tokenize.min_characters is {limits.min_characters}, it must be at least 2 below "
            f"tokenize.max_characters, {limits.max_characters}"
        )
    if limits.min_words > pairs.max_words:
        faults.append(
            f"tokenize.min_words is {limits.min_words}, it must be at most pairs.max_words, "
            f"{pairs.max_words}"
        )
    if judge.agree > judge.runs:
        faults.append(f"judge.agree is {judge.agree}, it must be at most judge.runs, {judge.runs}")
    if judge.sentences < pairs.test + pairs.dev:
        faults.append(
            f"judge.sentences is {judge.sentences}, it must be at least pairs.test + pairs.dev, "
            f"{pairs.test + pairs.dev}, which are to be judged"
        )
    return faults


def _languages(params: "Params") -> list[str]:
    aligning = [name for name in params.methods if params.align[name].objective != UNALIGNED]
    if params.aligned or not aligning:
        return []
    return [
        f"methods is {params.methods}, it must have no {' and no '.join(aligning)} while all "
        "languages have align: false, so nothing is aligned: delete align: false from one"
    ]


def _alignment(params: "Params") -> list[str]:
    blind = [name for name, block in params.align.items() if block.patience and not block.dev_steps]
    trained = [name for name in blind if OBJECTIVES[params.align[name].objective].trains]
    # A fault in the defaults, which come first, is that of each method that trains.
    return [
        f"align.{name}.patience is {params.align[name].patience}, it must be 0 while "
        f"align.{name}.dev_steps is 0, which never measures"
        for name in (blind[:1] if blind[:1] == [DEFAULTS] and trained else trained)
    ]


def _retrieval(params: "Params") -> list[str]:
    pairs, neighbours = params.pairs, params.retrieval.neighbours
    of_sentence = pairs.max_words if pairs.one_to_one else pairs.max_words**2
    if neighbours < pairs.test * of_sentence:
        return []
    return [
        f"retrieval.neighbours is {neighbours}, it must be below the largest number of test word "
        f"pairs, {pairs.test * of_sentence} (from pairs.test and pairs.max_words)"
    ]


def _inference(params: "Params") -> list[str]:
    languages, nli = params.xnli.translate_train, params.nli
    if not languages or nli.located is None:  # the sample
        return []
    covered = nli.located.covered
    if covered is not None and (absent := [code for code in languages if code not in covered]):
        return [
            f"xnli.translate_train is {languages}, it must be without {', '.join(absent)}, which "
            f"nli.source: {nli.source} does not have"
        ]
    if nli.located.translated:
        return []
    needed = "true" if nli.source == "hub" else "an address"
    return [
        f"xnli.translate_train is {languages}, it must be [] unless nli.{nli.source}.translated is "
        f"{needed}: there would be no training examples in these languages"
    ]
