"""Splits by writer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.errors import ConfigError
from quotestance_training.config import SplitConfig
from quotestance_training.splits import folds, hold_out, rounds, share_of

GROUPS = st.lists(st.sampled_from("abcdefg"), min_size=2, max_size=60)


@given(GROUPS.filter(lambda g: len(set(g)) > 1), st.data())
def test_no_writer_stands_on_both_sides_of_a_hold_out(
    groups: list[str], data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, len(set(groups)) - 1))
    seed = data.draw(st.integers(0, 2**32 - 1))
    train, test = hold_out(groups, count=count, seed=seed)
    sides = [{groups[i] for i in rows} for rows in (train, test)]
    assert not sides[0] & sides[1]
    assert len(sides[1]) == count
    assert sorted([*train, *test]) == list(range(len(groups)))
    again = hold_out(groups, count=count, seed=seed)
    assert np.array_equal(again[1], test)


@given(GROUPS.filter(lambda g: len(set(g)) > 1), st.integers(2, 9))
def test_no_writer_stands_on_both_sides_of_a_fold(groups: list[str], count: int) -> None:
    parts = list(folds(groups, count))
    assert len(parts) == min(count, len(set(groups)))
    for train, test in parts:
        assert not {groups[i] for i in train} & {groups[i] for i in test}
    tested = np.concatenate([test for _, test in parts])
    assert sorted(tested) == list(range(len(groups))), "each row is held out once"


@given(st.integers(1, 200), st.integers(0, 99), st.floats(0.01, 1), st.floats(0.01, 1))
def test_a_smaller_share_of_the_training_rows_lies_within_a_larger(
    count: int, seed: int, one: float, other: float
) -> None:
    rows = np.arange(count) * 3
    small, large = (share_of(rows, share, seed=seed) for share in sorted((one, other)))
    assert set(small) <= set(large) <= set(rows)
    assert len(small) == max(1, round(min(one, other) * count))
    assert list(small) == sorted(small)


def test_other_seeds_hold_out_other_writers() -> None:
    groups = list("abcdefg")
    held = {tuple(hold_out(groups, count=2, seed=s)[1]) for s in range(30)}
    assert len(held) > 5


def test_the_order_of_rows_does_not_choose_the_writers() -> None:
    groups = list("abcdefgabc")
    held = {groups[i] for i in hold_out(groups, count=2, seed=3)[1]}
    turned = groups[::-1]
    assert held == {turned[i] for i in hold_out(turned, count=2, seed=3)[1]}


@pytest.mark.parametrize("count", [2, 3])
def test_too_few_writers_to_hold_out(count: int) -> None:
    message = rf"split\.test_writers={count}: there are only 2 writers; leave at least one"
    with pytest.raises(ConfigError, match=message):
        hold_out(["a", "b", "a"], count=count, seed=1)


@pytest.mark.parametrize("groups", [["a", "a"], []])
def test_too_few_writers_for_folds(groups: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"split\.folds=4: needs at least two writers"):
        list(folds(groups, 4))


ISSUES = [{"a": "favor"}, {"b": "against"}, {"a": "neutral", "b": "favor"}, {}, {"b": "favor"}]
GROUPS = ["x", "x", "y", "y", "z"]


def test_rounds_by_seed_hold_out_writers() -> None:
    found = rounds(SplitConfig(test_writers=1), [3, 4], GROUPS, ISSUES)
    assert [(r.name, r.seed, r.issues) for r in found] == [("seed-3", 3, ()), ("seed-4", 4, ())]
    for part in found:
        assert not {GROUPS[k] for k in part.train} & {GROUPS[k] for k in part.test}
        assert sorted([*part.train, *part.test]) == list(range(5))


def test_every_writer_in_turn() -> None:
    found = rounds(SplitConfig(by="each_writer"), [7], GROUPS, ISSUES)
    assert [(r.name, r.test.tolist()) for r in found] == [("x", [0, 1]), ("y", [2, 3]), ("z", [4])]
    assert all(r.seed == 7 for r in found)
    with pytest.raises(ConfigError, match="at least two writers"):
        rounds(SplitConfig(by="each_writer"), [7], ["x", "x"], [{}, {}])


def test_every_issue_in_turn_with_all_quotes_that_bear_on_it() -> None:
    found = rounds(SplitConfig(by="each_issue"), [7], GROUPS, ISSUES)
    assert [(r.name, r.issues, r.test.tolist()) for r in found] == [
        ("a", ("a",), [0, 2]), ("b", ("b",), [1, 2, 4]),
    ]  # fmt: skip
    for part in found:
        assert not any(part.issues[0] in ISSUES[k] for k in part.train)


def test_issues_held_out_several_at_once() -> None:
    told = [{"a": "favor"}, {"b": "favor", "c": "against"}, {"c": "favor"}, {"d": "neutral"}, {}]
    found = rounds(SplitConfig(by="each_issue", issues_at_once=2), [7], GROUPS, told)
    assert [(r.name, r.issues) for r in found] == [("a+c", ("a", "c")), ("b+d", ("b", "d"))]
    assert [r.test.tolist() for r in found] == [[0, 1, 2], [1, 3]]
    assert [r.train.tolist() for r in found] == [[3, 4], [0, 2, 4]]
