from pipeline.report.language_groups import (
    inference_groups,
    language_groups,
    marked,
    mean_name,
    transfer_means,
)

ALIGNED, OTHERS = "aligned languages", "languages that were not aligned"


def test_languages_that_were_not_aligned_are_a_group_of_their_own():
    assert language_groups(["ru", "de"]) == {"all languages": ["ru", "de"]}
    assert language_groups(["ru", "de", "fr"], ["ru"]) == {ALIGNED: ["de", "fr"], OTHERS: ["ru"]}


def test_one_group_alone_is_all():
    assert language_groups(["de"], ["ru"]) == {"all languages": ["de"]}
    assert language_groups(["ru"], ["ru"]) == {"all languages": ["ru"]}
    assert language_groups([], ["ru"]) == {"all languages": []}


def test_means_of_inference():
    alone = inference_groups(["fr", "en", "de"])
    assert list(alone) == ["en", "de", "fr", "mean", "mean without en"]
    apart = inference_groups(["ru", "en", "de"], ["ru"])
    assert apart == {
        "en": ["en"],
        "de": ["de"],
        "ru": ["ru"],
        f"mean of {ALIGNED}": ["de"],
        f"mean of {OTHERS}": ["ru"],
    }
    only = inference_groups(["ru", "en"], ["ru"])
    assert only == {"en": ["en"], "ru": ["ru"], f"mean of {OTHERS}": ["ru"]}
    assert list(transfer_means(set(only))) == [f"mean of {OTHERS}"]
    assert list(transfer_means(set(apart))) == [f"mean of {ALIGNED}", f"mean of {OTHERS}"]
    assert list(transfer_means(set(alone))) == ["mean without en"]
    assert list(transfer_means(set(inference_groups(["en", "de"])))) == ["mean"]


def test_names():
    assert marked("ru → en", "ru", ["ru"]) == "ru → en (not aligned)"
    assert marked("de → en", "de", ["ru"]) == "de → en"
    assert [mean_name(group) for group in language_groups(["de"])] == ["mean"]
