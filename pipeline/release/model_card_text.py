"""The text of the model card."""

CARD_TEXT = """---
{metadata}
---

# {base}, aligned

The multilingual encoder `{base}`{remark}, changed by the method `{method}` so
that a word and its translation in context have similar vectors. English was aligned with:
{languages}. {objective}{unaligned}

## How to use it

It is a `save_pretrained` folder of `transformers`. Words are Moses tokens; a vector belongs to a
word in its sentence. The folder has no pooling layer; `transformers` may warn that it adds one.

```python
import torch
from transformers import AutoModel, AutoTokenizer

FOLDER = "."  # where this file is
tokenizer = AutoTokenizer.from_pretrained(FOLDER)
encoder = AutoModel.from_pretrained(FOLDER).eval()


def word_vectors(words, layer=-1):
    \"\"\"One vector per word of a sentence, [words, dimension]; layer 0: the embeddings.\"\"\"
    text = " ".join(words)
    batch = tokenizer(
        text, return_tensors="pt", return_offsets_mapping=True, return_special_tokens_mask=True
    )
    ends = batch.pop("offset_mapping")[0, :, 1].tolist()
    special = batch.pop("special_tokens_mask")[0].tolist()
    with torch.no_grad():
        output = encoder(**batch, output_hidden_states=True)
    states = (*output.hidden_states[:-1], output.last_hidden_state)
    subwords = states[layer][0]
    # A subword belongs to the word in which it ends; a space belongs to the word after it.
    owner = [-1 if mark else text[:end].count(" ") for end, mark in zip(ends, special)]
    places = [[at for at, word in enumerate(owner) if word == n] for n in range(len(words))]
    return torch.stack([{vector} for place in places])
```

Compare vectors by their cosine, or better by CSLS (Conneau et al., 2018), which the figures below
use: it lowers the scores of words that are near many others.
{rotations}
## Results

Contextual word retrieval, {pairs}: each word retrieves its translation among all words of the
held-out sentences in the other language, by CSLS. Word pairs come from an aligner; agreed pairs are
those that two statistical aligners have. Accuracy in per cent, with 95 % intervals of a bootstrap
over sentences in brackets. p is the two-sided p-value of the difference.

{retrieval}

Natural language inference on {data}: fine-tuned on English, tested
zero-shot. Accuracy in per cent, mean over seeds, with 95 % intervals over examples in brackets.

{inference}

## How it was made

Parallel text (at most `sentences` sentence pairs per language) is tokenised and cleaned, and its
words are aligned. The method learns from the pairs of words that translate each other in context,
in {languages}. No sentence of the test or dev sets of any language is among them. Its settings:

```yaml
{settings}
```

The text comes from:

{corpora}
{tested}
## Intended use

Vectors of words in context that can be compared across the aligned languages: word alignment,
retrieval, annotation projection, and as a start for fine-tuning in one language and use in the
others.

## Limits

- The figures hold for the languages named and for text like that above. Other languages that the
  encoder can read, and other text, were not measured.
- Better retrieval need not mean better transfer: see the inference table, and measure your own
  task.
- {untrained}
- This encoder has the biases of the original encoder and of the text.

## Licence

The weights derive from `{base}`, whose licence is {licence}. The corpora have their
own licences, which the table names where known. Whether these apply to the weights is not decided
here.

## Citation

The method is that of Cao, Kitaev and Klein, "Multilingual Alignment of Contextual Word
Representations", ICLR 2020 (arXiv 2002.03518).
"""

ROTATED = """
The weights are those of the unmodified encoder. Vectors of the aligned languages are rotated onto
the English ones, by one matrix per language; those of English and of all others remain unchanged.

```python
from safetensors.torch import load_file

rotations = load_file(f"{{FOLDER}}/rotations.safetensors")  # named as in {language}.{layer}


def rotated(words, language, layer={layer}):
    \"\"\"Word vectors of a sentence in an aligned language, to compare with those of English.\"\"\"
    return word_vectors(words, layer) @ rotations[f"{{language}}.{{layer}}"]
```
"""

NOT_TRAINED = " It was not trained on text in {codes}: there the figures show transfer."

TESTED = """
The test sentences of the languages that were not aligned come from:

{corpora}
"""

# By the unit of the objective.
UNTRAINED = {
    "words": "Vectors of whole sentences were not trained.",
    "sentences": "Vectors of single words were trained only as parts of sentences.",
}

# The vector of a word, given the positions of its subwords.
POOLING = {
    "last": "subwords[place[-1]]",
    "first": "subwords[place[0]]",
    "mean": "subwords[place].mean(0)",
}
