"""Grids of specifications: all combinations, each with all seeds."""

import pytest

from d2l_dropout.experiments.grid import CHAPTER, MEDIUM, SMALL, grid, quick
from d2l_dropout.fashion_mnist import Origin
from d2l_dropout.runs.spec import RunSpec


def test_a_grid_has_every_combination_with_every_seed_once():
    specs = grid(SMALL, seeds=3, drop_prob1=[0.0, 0.5], wd=(0.0, 0.001), lr=0.2)
    found = [(s.drop_prob1, s.wd, s.seed) for s in specs]
    assert len(specs) == 12 == len(set(specs))
    assert found[:4] == [(0.0, 0.0, 0), (0.0, 0.0, 1), (0.0, 0.0, 2), (0.0, 0.001, 0)]
    assert {s.lr for s in specs} == {0.2} and {s.num_examples for s in specs} == {1000}


def test_seeds_are_a_number_or_a_list_of_them():
    assert [s.seed for s in grid(CHAPTER, seeds=[100, 7])] == [100, 7]
    with pytest.raises(ValueError, match='seeds is empty'):
        grid(CHAPTER, seeds=0)


def test_the_chapters_settings_are_the_chapters():
    assert grid(CHAPTER, seeds=1) == [RunSpec(model='gluon', measure='train_acc')]


def test_values_out_of_range_are_refused():
    with pytest.raises(ValueError, match='drop_prob1 is 1'):
        grid(MEDIUM, drop_prob1=[0.5, 1])


def test_quick_runs_are_small_and_have_two_seeds():
    specs = grid(MEDIUM, seeds=[3, 5, 4], wd=[0.0, 0.01], num_hiddens1=2048)
    small = quick(specs, Origin('synthetic', 'code', 'ab' * 32))
    assert [(s.wd, s.seed) for s in small] == [(0.0, 3), (0.0, 4), (0.01, 3), (0.01, 4)]
    for spec in small:
        assert (spec.num_examples, spec.num_epochs, spec.test_every) == (500, 10, 1)
        assert (spec.num_hiddens1, spec.revision) == (2048, 'synthetic')


def test_quick_runs_are_never_larger_than_what_they_stand_for():
    tiny = RunSpec(num_examples=100, num_epochs=2, batch_size=10, lr=0.05)
    (small,) = quick([tiny], Origin(tiny.revision, 'a folder', None))
    assert small == tiny
