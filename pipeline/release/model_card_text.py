"""The words of the model card."""

PAGE = """---
{metadata}
---

# {base}, aligned

The multilingual encoder `{base}`{remark}, changed by the method `{method}` so
that a word and its translation in context have similar vectors. English was aligned with:
{languages}. {objective}

## How to use it

It is a `save_pretrained` folder of `transformers`. Words are Moses tokens; a vector belongs to a
word in its sentence. The folder has no pooling layer, and `transformers` may say that it made one.

```python
import torch
from transformers import AutoModel, AutoTokenizer

FOLDER = "."  # where this file is
tokenizer = AutoTokenizer.from_pretrained(FOLDER)
encoder = AutoModel.from_pretrained(FOLDER).eval()


def word_vectors(words, layer=-1):
    \"\"\"A vector a word of one sentence, [words, dimension]; layer 0: the embeddings.\"\"\"
    batch = tokenizer([words], is_split_into_words=True, return_tensors="pt")
    with torch.no_grad():
        subwords = encoder(**batch, output_hidden_states=True).hidden_states[layer][0]
    owner = batch.word_ids()
    places = [[at for at, word in enumerate(owner) if word == n] for n in range(len(words))]
    return torch.stack([{vector} for place in places])
```

Compare vectors by their cosine, or better by CSLS (Conneau et al., 2018), which the figures below
are for: near neighbours of many words count less.
{rotations}
## Results

Contextual word retrieval: a word looks for its translation among all words of the held-out
sentences in the other language, by CSLS. Accuracy in per cent; in brackets 95 % intervals of a
bootstrap over sentences; p is that of the difference, two-sided.

{retrieval}

Natural language inference on {data}: fine-tuned on English, tested
zero-shot. Accuracy in per cent, mean over seeds; in brackets 95 % intervals, over examples.

{inference}

## How it was made

Parallel text, at most `sentences` sentence pairs a language, is tokenised and cleaned, its words
are aligned, and pairs of words that translate each other in context are what the method learns
from. Sentences of the test and dev sets, in any language, are not among them. Its settings:

```yaml
{settings}
```

The text comes from:

{corpora}

## Intended use

Vectors of words in context that can be compared across these languages: word alignment, retrieval,
annotation projection, and as a start for fine-tuning in one language and use in the others.

## Limits

- The figures are for text like that above and the languages named; other languages that the encoder
  can read, and other text, were not measured.
- Better retrieval need not mean better transfer: look at the inference table, and measure your own
  task.
- Vectors of sentences were not trained unless the method is `sentence`.
- Whatever bias the encoder and the text have, this encoder has.

## Licence

The weights derive from `{base}`, whose licence is {licence}. The corpora keep their own,
which the table names where they are known. Whether these bear on the weights is not decided here.

## Citation

The method is that of Cao, Kitaev and Klein, "Multilingual Alignment of Contextual Word
Representations", ICLR 2020 (arXiv 2002.03518).
"""

ROTATED = """
The weights are those of the encoder as it came. What is aligned are the vectors of the other
languages after a rotation, a matrix a language; English vectors stay as they are.

```python
from safetensors.torch import load_file

rotations = load_file(f"{{FOLDER}}/rotations.safetensors")  # named as in de.{layer}


def rotated(words, language, layer={layer}):
    \"\"\"Word vectors of a sentence that is not English, to compare with those of English.\"\"\"
    return word_vectors(words, layer) @ rotations[f"{{language}}.{{layer}}"]
```
"""

OBJECTIVES = {
    "none": "Its weights are as they came.",
    "l2": "The distance of aligned words was made small, while English words were held in place.",
    "contrastive": "A word had to find its translation among the words of a batch (InfoNCE).",
    "sentence": "The distance of mean-pooled sentences was made small.",
    "rotation": "Orthogonal maps found by Procrustes' method do it, without training.",
}

# What stands for a word, given its subwords' places.
POOLING = {
    "last": "subwords[place[-1]]",
    "first": "subwords[place[0]]",
    "mean": "subwords[place].mean(0)",
}
