"""Languages whose means belong together: those that were aligned, and those that were not."""

from collections.abc import Collection, Iterable

ENGLISH_CODE = "en"
ALL = "all languages"
ALIGNED_ONLY = "aligned languages"
OTHERS_ONLY = "languages that were not aligned"


def language_groups(
    languages: Iterable[str], unaligned: Collection[str] = ()
) -> dict[str, list[str]]:
    """The languages by the name of their group: ALL, or the other two if both have languages."""
    codes = list(languages)
    groups = {
        ALIGNED_ONLY: [code for code in codes if code not in unaligned],
        OTHERS_ONLY: [code for code in codes if code in unaligned],
    }
    return groups if all(groups.values()) else {ALL: codes}


def inference_groups(
    languages: Iterable[str], unaligned: Collection[str] = ()
) -> dict[str, list[str]]:
    """The tested languages of each line of a table: each one, then those of each mean.

    The means are over all, and over all but English if these are several. If some languages are
    `unaligned`, means over these and over the others, if any, come instead, without English.
    """
    ordered = english_first(languages)
    groups = {language: [language] for language in ordered}
    others = [language for language in ordered if language != ENGLISH_CODE]
    apart = language_groups(others, unaligned)
    if len(apart) > 1:
        return groups | {mean_name(group): codes for group, codes in apart.items()}
    if others and set(others) <= set(unaligned):
        return groups | {mean_name(OTHERS_ONLY): others}
    groups["mean"] = ordered
    if 1 < len(others) < len(ordered):
        groups["mean without en"] = others
    return groups


def transfer_means(names: Collection[str]) -> dict[str, str]:
    """Of the lines of `inference_groups`, those of transfer as a whole, and their meaning."""
    apart = [mean_name(group) for group in (ALIGNED_ONLY, OTHERS_ONLY)]
    if present := [name for name in apart if name in names]:
        return {name: name for name in present}
    abroad = f"mean without {ENGLISH_CODE}"
    if abroad in names:
        return {abroad: "mean of the languages other than English"}
    return {"mean": "mean of all tested languages"}


def english_first(languages: Iterable[str]) -> list[str]:
    """The languages in alphabetical order, after English."""
    return sorted(languages, key=lambda language: (language != ENGLISH_CODE, language))


def marked(text: str, language: str, unaligned: Collection[str]) -> str:
    """A text about a language, marked if the language was not aligned."""
    return not_aligned(text) if language in unaligned else text


def not_aligned(text: str) -> str:
    """A text about languages that were not aligned, marked."""
    return f"{text} (not aligned)"


def mean_name(group: str) -> str:
    """The name of the mean over a group."""
    return "mean" if group == ALL else f"mean of {group}"
