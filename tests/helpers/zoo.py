"""Tiny look-alikes of published encoders: random weights, the layout and kind of tokenizer real."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

# Moses tokens of 15 languages, with numbers, punctuation, letters with marks and joined emoji.
TEXT = [
    "The dog 's owner ( aged 42 ) doesn ’ t sleep under 3,000 tables .",
    "Der Hund schläft nicht unter dem großen Tisch , sagte sie 1989 .",
    "Le chien n&apos; a pas dormi ; l' été fut très chaud …",
    "El perro duerme ¿ verdad ? ¡ Sí , señor !",
    "Кучето спи под масата , а котката — не .",
    "Ο σκύλος κοιμάται κάτω από το τραπέζι .",
    "Собака спит под большим столом « дома » .",
    "Köpek masanın altında uyuyor , İstanbul 'da .",
    "ينام الكلب تحت الطاولة ، أليس كذلك ؟",
    "Con chó ngủ dưới cái bàn lớn , phải không ?",
    "สุนัข นอน ใต้ โต๊ะ ตัว ใหญ่",
    "狗 在 桌子 下面 睡觉 。",
    "कुत्ता मेज के नीचे सो रहा है ।",
    "Mbwa analala chini ya meza kubwa .",
    "کتا میز کے نیچے سو رہا ہے ۔",
    "A 10\u00a0000 km \ufb01ne x² café cafe\u0301 👩\u200d🔬 \u200d z [MASK] <s> a\u3000b ´ '",
]
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
ROLES = dict(zip(("bos", "pad", "eos", "unk", "mask"), SPECIAL, strict=True))
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def _trained(tokenizer: Tokenizer, trainer: Any) -> Tokenizer:
    tokenizer.train_from_iterator(TEXT * 3, trainer)
    ids = [tokenizer.token_to_id(token) for token in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=list(zip(("<s>", "</s>"), ids, strict=True)),
    )
    return tokenizer


def _wordpiece(lowercase: bool) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return _trained(tokenizer, trainers.WordPieceTrainer(vocab_size=500, special_tokens=SPECIAL))


def _unigram(scheme: str, *, split_words: bool) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    metaspace = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    words = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), metaspace])
    tokenizer.pre_tokenizer = words if split_words else metaspace
    trainer = trainers.UnigramTrainer(vocab_size=400, special_tokens=SPECIAL, unk_token="<unk>")
    return _trained(tokenizer, trainer)


def _byte_level(prefix_space: bool, pattern: str | None = None) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    level = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space, use_regex=pattern is None)
    if pattern:
        split = pre_tokenizers.Split(Regex(pattern), behavior="isolated")
        level = pre_tokenizers.Sequence([split, level])
    tokenizer.pre_tokenizer = level
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=600, special_tokens=SPECIAL, initial_alphabet=alphabet)
    return _trained(tokenizer, trainer)


def _byte_fallback(prepend: bool) -> Tokenizer:
    """Gemma's layout; with `prepend`, that of Llama 2."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    replace = normalizers.Replace(" ", "▁")
    tokenizer.normalizer = (
        normalizers.Sequence([normalizers.Prepend("▁"), replace]) if prepend else replace
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("(?=▁)"), "isolated")
    tokenizer.decoder = decoders.ByteFallback()
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=700, special_tokens=[*SPECIAL, *bytes_], limit_alphabet=60
    )
    tokenizer = _trained(tokenizer, trainer)
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = state["added_tokens"][: len(SPECIAL)]  # bytes are ordinary pieces
    state["pre_tokenizer"] = None
    return Tokenizer.from_str(json.dumps(state))


def _across_words() -> Tokenizer:
    """BPE that merges across spaces, as in SuperBPE."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    return _trained(tokenizer, trainers.BpeTrainer(vocab_size=900, special_tokens=SPECIAL))


TOKENIZERS: dict[str, Callable[[], Tokenizer]] = {
    "WordPiece, cased": lambda: _wordpiece(lowercase=False),
    "WordPiece, uncased": lambda: _wordpiece(lowercase=True),
    "Unigram, Metaspace always": lambda: _unigram("always", split_words=True),
    "Unigram, Metaspace always, spaces kept": lambda: _unigram("always", split_words=False),
    "Unigram, Metaspace first": lambda: _unigram("first", split_words=False),
    "byte-level BPE": lambda: _byte_level(prefix_space=False),
    "byte-level BPE, prefix space": lambda: _byte_level(prefix_space=True),
    "byte-level BPE, digits in threes": lambda: _byte_level(prefix_space=False, pattern=LLAMA3),
    "Metaspace BPE, byte fallback": lambda: _byte_fallback(prepend=False),
    "Metaspace BPE, byte fallback, prefix": lambda: _byte_fallback(prepend=True),
}
ACROSS_WORDS = _across_words

SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
SIZES |= {"intermediate_size": 32, "initializer_range": 0.5, "vocab_size": 900}
OTHER_SIZES: dict[str, dict[str, Any]] = {
    "distilbert": {"hidden_dim": 32},
    "electra": {"embedding_size": 16},
    "albert": {"embedding_size": 16},
    "funnel": {"block_sizes": [1, 1], "d_model": 16, "n_head": 2, "d_head": 8, "d_inner": 32,
               "architectures": ["FunnelModel"]},
    "mt5": {"d_model": 16, "num_layers": 2, "num_heads": 2, "d_ff": 32, "d_kv": 8},
    "mbart": {"d_model": 16, "encoder_layers": 2, "decoder_layers": 2}
    | {f"{half}_{size}": value for half in ("encoder", "decoder") for size, value in
       (("attention_heads", 2), ("ffn_dim", 32))},
    "gpt2": {"n_embd": 16, "n_layer": 2, "n_head": 2},
    "llama": {"num_key_value_heads": 2},
    "eurobert": {"num_key_value_heads": 2},
    "xmod": {"languages": ["en_XX", "de_DE"], "default_language": None},
    "modernbert": {"global_attn_every_n_layers": 2},
    "deberta-v2": {"relative_attention": True, "position_biased_input": False},
}  # fmt: skip


def make_folder(
    folder: Path, model_type: str, tokenizer: Tokenizer | None = None, **changes: Any
) -> Path:
    """A `save_pretrained` folder; `changes` are to its config."""
    torch.manual_seed(0)
    sizes = SIZES | {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    sizes |= {"max_position_embeddings": 66}
    sizes |= OTHER_SIZES.get(model_type, {}) | changes
    if model_type == "funnel":  # its depth is that of its blocks
        del sizes["num_hidden_layers"]
    config = AutoConfig.for_model(model_type, **sizes)
    AutoModel.from_config(config).save_pretrained(folder)
    tokenizer = tokenizer or TOKENIZERS["Unigram, Metaspace always"]()
    roles = {f"{role}_token": token for role, token in ROLES.items()}
    roles |= {"cls_token": "<s>", "sep_token": "</s>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **roles).save_pretrained(folder)
    return folder


transformers.logging.disable_progress_bar()
