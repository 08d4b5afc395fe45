import numpy as np
import pytest
from tiny import TRAINING, train_split

from pipeline.align.batches import StepDataset, make_plan, used_ids
from pipeline.encoder.compact_vocabulary import CompactVocabulary
from pipeline.encoder.training import read_ahead


def plan(splits, interleave="each", epochs=1, batch_tokens=TRAINING.batch_tokens):
    return make_plan(splits, batch_tokens, epochs, interleave, seed=1)


def splits(**sentences):
    return {name: train_split(name).head(count) for name, count in sentences.items()}


@pytest.mark.parametrize("interleave", ["each", "share"])
@pytest.mark.parametrize("sizes", [{"de": 40, "fr": 40}, {"de": 40, "fr": 3}, {"de": 9}])
def test_an_epoch_has_every_sentence_once_within_the_budget(interleave, sizes):
    given = splits(**sizes)
    steps = plan(given, interleave, epochs=2)
    for language, split in given.items():
        taken = [step[language] for step in steps if language in step]
        expected = sorted(list(range(len(split))) * 2)
        assert sorted(int(row) for rows in taken for row in rows) == expected
        lengths = split.source.lengths() + split.english.lengths()
        assert all(len(rows) == 1 or len(rows) * lengths[rows].max() <= 120 for rows in taken)


def test_every_step_has_the_largest_language_and_batches_of_similar_lengths():
    given = splits(de=40, fr=12)
    steps = plan(given)
    assert all("de" in step for step in steps)
    both = [step for step in steps if "fr" in step]
    assert 0 < len(both) < len(steps)
    lengths = {name: split.source.lengths() for name, split in given.items()}
    means = np.array([[lengths[name][step[name]].mean() for name in step] for step in both])
    order = np.argsort(means[:, 0])
    assert (np.diff(means[order, 1]) >= 0).mean() > 0.6


def test_with_share_a_step_has_one_language_and_the_order_is_mixed():
    steps = plan(splits(de=40, fr=40), "share")
    assert all(len(step) == 1 for step in steps)
    names = [next(iter(step)) for step in steps]
    assert names != sorted(names)


def test_words_are_found_among_the_subwords_of_a_step(encoder):
    given = splits(de=30, fr=30)
    vocabulary = CompactVocabulary(encoder, used_ids(given.values()))
    step = plan(given)[0]
    made = StepDataset([step], given, vocabulary)[0]
    ids = np.concatenate([ids.numpy().ravel() for ids, _ in made.both.passes])
    flat = vocabulary.full_ids[ids[made.both.order.numpy()]]
    sources = sum(len(given[name].take(rows).source.ids) for name, rows in step.items())
    for batch, (language, rows) in zip(made.batches, step.items(), strict=True):
        own = given[language].take(rows)
        source_at, english_at = own.pairs()
        special = [own.source.id_bounds[:-1], own.source.id_bounds[1:] - 1]
        expected = own.source.ids[np.concatenate([source_at.last, *special])]
        assert flat[:sources][batch.source.subword].tolist() == expected.tolist()
        found = flat[sources:][batch.english.subword.numpy()[: len(english_at.last)]]
        assert found.tolist() == own.english.ids[english_at.last].tolist()
        assert sum(batch.pairs_per_process) == len(expected)
        assert (
            batch.english_words
            == len(batch.context.subword)
            == len(own.english.first) + 2 * len(rows)
        )


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_share_all_of_a_step(encoder, processes):
    given = splits(de=30, fr=30)
    vocabulary = CompactVocabulary(encoder, used_ids(given.values()))
    steps = plan(given)
    whole = StepDataset(steps, given, vocabulary)
    shares = [
        StepDataset(steps, given, vocabulary, process=process, processes=processes)
        for process in range(processes)
    ]
    for number in range(len(steps)):
        one, own = whole[number], [share[number] for share in shares]
        assert sum(len(each.both.order) for each in own) == len(one.both.order) == one.subwords
        for index, batch in enumerate(one.batches):
            rows = [len(each.batches[index].source.subword) for each in own]
            assert all(each.batches[index].pairs_per_process == rows for each in own)
            assert sum(rows) == sum(batch.pairs_per_process)
            assert {each.batches[index].english_words for each in own} == {batch.english_words}


@pytest.mark.parametrize("workers", [0, 2])
def test_steps_are_read_in_order_from_where_a_run_resumes(encoder, workers):
    given = splits(de=30)
    steps = StepDataset(plan(given), given, CompactVocabulary(encoder, used_ids(given.values())))
    found = list(read_ahead(steps, 2, workers))
    assert [each.number for each in found] == list(range(3, len(steps) + 1))
    for each in found:
        assert each.both.order.tolist() == steps[each.number - 1].both.order.tolist()
