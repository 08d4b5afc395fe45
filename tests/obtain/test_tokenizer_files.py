import io
import json

import pytest
import sentencepiece
from tokenizers import Tokenizer, normalizers
from transformers import AutoTokenizer
from zoo import TEXT, TOKENIZERS, make_folder

from pipeline.common.errors import PipelineError
from pipeline.encoder.subwords import read_tokenizer
from pipeline.obtain.obtain import obtain_encoder
from pipeline.obtain.tokenizer_files import published_tokenizer

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


@pytest.fixture
def folder(tmp_path):
    """An encoder without tokenizer files."""
    return without_tokenizer(make_folder(tmp_path / "published", "xlm-roberta"))


def without_tokenizer(folder):
    for name in TOKENIZER_FILES:
        (folder / name).unlink(missing_ok=True)
    return folder


def train_sentencepiece(path, **options):
    """A SentencePiece model of the zoo's text; returns its bytes."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT * 5),
        model_writer=model,
        vocab_size=300,
        minloglevel=2,
        hard_vocab_limit=False,
        character_coverage=1.0,
        **options,
    )
    path.write_bytes(model.getvalue())
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def test_a_folder_without_tokenizer_files_is_refused(folder):
    with pytest.raises(PipelineError, match=r"has no tokenizer \(tokenizer.json, a SentencePiece"):
        obtain_encoder(str(folder), None, folder)


def test_a_damaged_tokenizer_gives_one_line(folder):
    (folder / "tokenizer.json").write_text('{"version": ')
    with pytest.raises(PipelineError, match="cannot be read") as error:
        published_tokenizer(folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["tokenizer_config.json", "special_tokens_map.json", "vocab.json"])
@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b""])
def test_damaged_settings_and_vocabularies_give_one_line(name, content, folder):
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "vocab.json").write_text("{}")
    (folder / name).write_bytes(content)
    with pytest.raises(PipelineError, match=f"{name}: is not a?( JSON|JSON)") as error:
        published_tokenizer(folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_the_published_tokenizer_is_the_one_in_use(kind, tmp_path):
    published = TOKENIZERS[kind]()
    own_rule = normalizers.Replace("Hund", "Katze")
    parts = [published.normalizer, own_rule] if published.normalizer else [own_rule]
    published.normalizer = normalizers.Sequence(parts)
    folder = make_folder(tmp_path / "published", "bert", published)
    settings = {"do_lower_case": True, "mask_token": "[NEW]", "model_max_length": 77}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    tokenizer = published_tokenizer(folder)
    tokenizer.save_pretrained(tmp_path / "saved")
    opened = AutoTokenizer.from_pretrained(tmp_path / "saved")  # as users of a release do
    for sentence in TEXT:
        ids = published.encode(sentence).ids
        assert tokenizer(sentence).input_ids == ids
        assert opened(sentence).input_ids == ids
        assert read_tokenizer(tmp_path / "saved").encode(sentence).ids == ids
    assert len(tokenizer) == published.get_vocab_size()
    assert opened.model_max_length == 77


def test_sentencepiece_alone_gives_its_pieces_with_the_ids_of_xlm_r(folder):
    reference = train_sentencepiece(folder / "sentencepiece.bpe.model")
    tokenizer = published_tokenizer(folder)
    shift = 1  # XLM-R: <s> 0, <pad> 1, </s> 2, <unk> 3, then the pieces
    for sentence in TEXT[:-1]:
        pieces = [
            3 if piece == reference.unk_id() else piece + shift
            for piece in reference.encode(sentence)
        ]
        assert tokenizer(sentence).input_ids == [0, *pieces, 2]
    assert tokenizer.mask_token == "<mask>"
    obtain_encoder(str(folder), None, folder)


def test_files_that_transformers_does_not_read_are_refused(tmp_path):
    folder = without_tokenizer(make_folder(tmp_path, "bert"))
    train_sentencepiece(folder / "sentencepiece.bpe.model")
    message = r"sentencepiece.bpe.model has \d+ entries, .* reads it as BertTokenizer with only"
    with pytest.raises(PipelineError, match=message):
        published_tokenizer(folder)
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "XLMRobertaTokenizer"}')
    assert len(published_tokenizer(folder)) > 200
    (folder / "sentencepiece.bpe.model").write_bytes(b"<html>")
    with pytest.raises(PipelineError, match="is not a SentencePiece model"):
        published_tokenizer(folder)


def test_a_word_list_needs_its_casing(tmp_path):
    folder = without_tokenizer(make_folder(tmp_path, "bert"))
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = [*special, "Der", "der", "Hund", "hund"]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", "utf-8")
    with pytest.raises(PipelineError, match="does not say whether text is lower-cased: add"):
        published_tokenizer(folder)
    for lower, ids in ((True, [2, 6, 8, 3]), (False, [2, 5, 7, 3])):
        (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": lower}))
        tokenizer = published_tokenizer(folder)
        assert tokenizer("Der Hund").input_ids == ids
        assert tokenizer.cls_token == "[CLS]"


def test_files_of_byte_level_bpe_are_converted(tmp_path):
    published = TOKENIZERS["byte-level BPE"]()
    folder = without_tokenizer(make_folder(tmp_path, "roberta"))
    published.model.save(str(folder))
    tokenizer = published_tokenizer(folder)
    for sentence in TEXT[:-1]:
        assert tokenizer(sentence).input_ids == published.encode(sentence).ids


def test_padding_and_truncation_of_the_file_are_left_out(tmp_path):
    published = TOKENIZERS["WordPiece, cased"]()
    published.enable_truncation(5)
    published.enable_padding(length=9)
    (tmp_path / "tokenizer.json").write_text(published.to_str(), "utf-8")
    tokenizer = published_tokenizer(tmp_path)
    assert len(tokenizer(TEXT[0]).input_ids) > 9
    assert Tokenizer.from_str(tokenizer.backend_tokenizer.to_str()).truncation is None
