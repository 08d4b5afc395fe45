"""The tokenizer that was published with an encoder, whatever files it is in."""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from ..common.errors import PipelineError, first_line

ROLES = (
    "bos_token",
    "eos_token",
    "unk_token",
    "sep_token",
    "pad_token",
    "cls_token",
    "mask_token",
)
SETTINGS_FILES = ("tokenizer_config.json", "special_tokens_map.json")


def published_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The fast tokenizer of an encoder's folder.

    `tokenizer.json` is read as it is: transformers would rebuild it by the class of the model, and
    could lose a normaliser or change the casing. Other files (SentencePiece, BPE, word lists) are
    converted by transformers. Raises PipelineError if there are none, or if they do not say
    everything.
    """
    settings = _settings(folder)
    if (folder / "tokenizer.json").is_file():
        try:
            pieces = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # the Rust library raises no other class
            raise PipelineError(
                f"{folder / 'tokenizer.json'}: cannot be read ({error}): get the file again"
            ) from error
        roles = {role: settings[role] for role in ROLES if settings.get(role)}
    else:
        converted = _converted(folder, settings)
        pieces = converted.backend_tokenizer
        roles = {role: str(token) for role in ROLES if (token := getattr(converted, role))}
    pieces.no_padding()
    pieces.no_truncation()
    options = {
        role: token for role, token in roles.items() if pieces.token_to_id(token) is not None
    }
    if "model_max_length" in settings:
        options["model_max_length"] = settings["model_max_length"]
    return PreTrainedTokenizerFast(tokenizer_object=pieces, **options)  # type: ignore[no-untyped-call]


def _settings(folder: Path) -> dict[str, Any]:
    """What the files beside the tokenizer say; special tokens as text."""
    settings: dict[str, Any] = {}
    for name in SETTINGS_FILES:
        if (folder / name).is_file():
            settings |= _read_json(folder / name)
    return {
        key: value["content"] if isinstance(value, dict) and "content" in value else value
        for key, value in settings.items()
    }


def _converted(folder: Path, settings: dict[str, Any]) -> PreTrainedTokenizerFast:
    file = _vocabulary(folder)
    if file is None:
        raise PipelineError(
            f"{folder}: has no tokenizer (tokenizer.json, a SentencePiece .model, vocab.txt, or "
            "vocab.json and merges.txt): copy the files from where the encoder was published"
        )
    if file.name == "vocab.txt" and "do_lower_case" not in settings:
        raise PipelineError(
            f"{folder}: vocab.txt does not say whether text is lower-cased: add a "
            'tokenizer_config.json with {"do_lower_case": true} or false'
        )
    entries = _entries(file)
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # transformers raises another class for each kind of fault
        raise PipelineError(
            f"{folder}: the tokenizer cannot be loaded ({first_line(error)}): check its files"
        ) from error
    if len(tokenizer) < entries:  # without a file of the expected name, it invents a vocabulary
        raise PipelineError(
            f"{folder}: {file.name} has {entries} entries, but transformers reads it as "
            f"{type(tokenizer).__name__} with only {len(tokenizer)}: name the tokenizer_class in "
            "tokenizer_config.json"
        )
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise PipelineError(
            f"{folder}: {type(tokenizer).__name__} has no fast form: choose an encoder with a "
            "tokenizer.json"
        )
    return tokenizer


def _vocabulary(folder: Path) -> Path | None:
    """The file that has the vocabulary of a tokenizer without tokenizer.json."""
    files = [*sorted(folder.glob("*.model")), folder / "vocab.txt"]
    if (folder / "merges.txt").is_file():
        files.append(folder / "vocab.json")
    return next((file for file in files if file.is_file()), None)


def _entries(file: Path) -> int:
    if file.suffix == ".model":
        from sentencepiece import SentencePieceProcessor  # noqa: PLC0415 (only few encoders need it)

        try:
            return int(SentencePieceProcessor(model_file=str(file)).vocab_size())
        except RuntimeError as error:
            raise PipelineError(f"{file}: is not a SentencePiece model: get it again") from error
    return len(_read_json(file)) if file.suffix == ".json" else file.read_bytes().count(b"\n")


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text("utf-8"))
    except ValueError as error:  # also text that is not UTF-8
        raise PipelineError(f"{file}: is not JSON ({first_line(error)}): get it again") from error
    if not isinstance(content, dict):
        raise PipelineError(f"{file}: is not a JSON object: get it again")
    return content
