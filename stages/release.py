"""release: one method's encoder with a model card, ready to publish."""

from dataclasses import asdict

import pandas as pd

from pipeline.common.files import atomic, copy_folder
from pipeline.release.model_card import Facts, model_card, rotated_layers
from pipeline.report.inference_data import data_of
from stages import ARTIFACTS
from stages.params import load_params


def main() -> None:
    """Copy the encoder of release.method and write its README.md, the model card."""
    params = load_params()
    name = params.release.method
    aligned, report = ARTIFACTS / "align" / name, ARTIFACTS / "report"
    facts = Facts(
        encoder=params.encoder.name,
        revision=params.encoder.revision,
        licence=params.release.licence,
        corpora={
            code: [corpus.name for corpus in language.corpus]
            for code, language in params.languages.items()
        },
        method=name,
        settings=asdict(params.method(name)),
        pooling=params.pairs.pooling,
        inference=data_of(params.nli.model_dump()).label,
        rotations=rotated_layers(aligned),
        unaligned=[code for code in params.languages if code not in params.aligned],
    )
    tables = (  # a language or a method may be called nan
        pd.read_csv(report / f"{name}.csv", keep_default_na=False, na_values=[""])
        for name in ("retrieval", "nli_summary")
    )
    with atomic(ARTIFACTS / "release") as folder:
        copy_folder(aligned, folder)
        (folder / "README.md").write_text(model_card(facts, *tables), "utf-8")
