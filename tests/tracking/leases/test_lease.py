"""Leases: one holder at a time, renewed by its owner, ended by the clock of the one who waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from waiting import wait_until

from seqprobe.checks import InvalidValue
from seqprobe.tracking.leases import acquisition, lease
from seqprobe.tracking.leases.acquisition import ELSEWHERE, Watch
from seqprobe.tracking.leases.lease import Lease, LeaseLost, leased_members
from seqprobe.tracking.leases.lease_folder import LeaseFolder
from seqprobe.tracking.leases.posted_lease import PostedLease, new_lease, numbers, ranges
from seqprobe.tracking.stores.server import ServerStore


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(acquisition, "clock", clock)
    monkeypatch.setattr(lease, "clock", clock)
    return clock


@pytest.fixture
def board(tmp_path: Path) -> LeaseFolder:
    return LeaseFolder(tmp_path / "leases", "t", 60)


def nobody_is_dead(owner: object) -> bool:
    return False


def other(seeds: list[int]) -> PostedLease:
    """The lease of a process on another machine."""
    return PostedLease("other", frozenset(seeds), 60, {"seqprobe.host": "there"})


@pytest.mark.parametrize(
    ("seeds", "text"), [([], ""), ([3], "3"), ([2, 0, 1], "0-2"), ([7, 0, 1, 9, 2**62], "0-1 7 9 4611686018427387904")]
)
def test_seeds_are_written_as_ranges(seeds: list[int], text: str) -> None:
    assert ranges(seeds) == text
    assert list(numbers(text)) == sorted(seeds)


def test_a_lease_is_read_as_it_was_written_and_keeps_its_length() -> None:
    posted = new_lease([4, 5], 30)
    later = posted.next_beat().next_beat()
    assert PostedLease.from_text(posted.token, later.to_text(), 60) == later
    assert (later.beat, len(later.to_text())) == (2, len(posted.to_text()))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"seeds": "a"}'])
def test_a_lease_that_cannot_be_read_is_on_every_member(text: str) -> None:
    posted = PostedLease.from_text("x", text, 60)
    assert (posted.overlaps([7]), posted.seconds, posted.owner) == (True, 60, {})


def test_a_lease_ends_when_its_heartbeat_stood_still_for_its_whole_time(board: LeaseFolder, clock: Clock) -> None:
    posted = other([1, 2])
    board.post(posted)
    watch = Watch(board, new_lease([2, 3], 5), nobody_is_dead)
    for _ in range(3):  # the heartbeat goes on
        for _ in range(2):
            assert [found.token for found in watch.others()] == ["other"]
            clock.now += 29
        posted = posted.next_beat()
        assert board.renew(posted)
    for _ in range(3):
        assert [found.token for found in watch.others()] == ["other"]
        clock.now += 29
    assert watch.others() == board.leases() == []
    assert watch.replaced == [{"seqprobe.host": "there"}]
    assert not board.renew(posted.next_beat())


def test_time_in_which_nobody_looked_does_not_count(board: LeaseFolder, clock: Clock) -> None:
    board.post(other([1]))
    watch = Watch(board, new_lease([1], 5), nobody_is_dead)
    for _ in range(4):  # as of one who waits and is suspended again and again
        assert len(watch.others()) == 1
        clock.now += 1000


def test_the_lease_of_a_dead_process_and_those_on_other_members_do_not_count(board: LeaseFolder) -> None:
    board.post(other([1]))
    assert Watch(board, new_lease([2], 5), nobody_is_dead).others() == []
    assert len(board.leases()) == 1
    assert Watch(board, new_lease([1], 5), lambda owner: owner["seqprobe.host"] == "there").others() == []
    assert board.leases() == []


def test_trainings_have_boards_of_their_own(tmp_path: Path, board: LeaseFolder) -> None:
    board.post(other([1]))
    another = LeaseFolder(tmp_path / "leases", "u", 60)
    another.post(new_lease([1], 5))
    assert (len(board.leases()), len(another.leases())) == (1, 1)


def test_a_holder_whose_lease_was_removed_learns_it(board: LeaseFolder, clock: Clock) -> None:
    with leased_members(board, [1], 60, nobody_is_dead, None) as held:
        assert held is not None
        held.check()
        held.confirm()
        (posted,) = board.leases()
        board.remove(posted.token)
        held.check()  # the last beat is not long ago
        clock.now += 31
        with pytest.raises(LeaseLost) as lost:
            held.check()
        assert lost.value.is_workspace_lost


def test_a_board_that_is_away_ends_no_lease(board: LeaseFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(posted: PostedLease) -> bool:
        raise OSError("stale file handle")

    with leased_members(board, [1], 60, nobody_is_dead, None) as held:
        assert held is not None
        monkeypatch.setattr(board, "renew", fail)
        held.confirm()


def test_a_lease_is_renewed_in_a_thread(board: LeaseFolder) -> None:
    posted = new_lease([1], 0.2)
    board.post(posted)
    held = Lease(board, posted)
    held.start()
    wait_until(lambda: board.leases()[0].beat >= 3, "three beats")
    held.release()
    assert board.leases() == []


def test_who_does_not_wait_leaves_no_lease(board: LeaseFolder) -> None:
    board.post(other([1]))
    with leased_members(board, [1], 60, nobody_is_dead, None) as held:
        assert held is None
    assert [posted.token for posted in board.leases()] == ["other"]


def test_of_many_that_ask_at_once_one_holds(tmp_path: Path) -> None:
    """Threads stand for machines: each has a board of its own in the same folder."""
    inside, most, total, notices = list[int](), list[int](), list[int](), list[str]()

    def work(number: int) -> None:
        board = LeaseFolder(tmp_path / "leases", "t", 1)
        with leased_members(board, [number % 2, 5], 1, nobody_is_dead, notices.append) as held:
            inside.append(number)
            most.append(len(inside))
            assert held is not None
            held.confirm()
            total.append(number)
            inside.remove(number)

    run_together([lambda number=number: work(number) for number in range(6)])  # type: ignore[misc]
    assert (max(most), sorted(total), set(notices) <= {ELSEWHERE}) == (1, list(range(6)), True)


@pytest.mark.parametrize("seconds", [0.5, -1, "long", float("nan")])
def test_a_lease_that_is_too_short_is_refused(seconds: Any) -> None:
    with pytest.raises(InvalidValue, match=r"lease_seconds=.*: must be a "):
        ServerStore("http://there", seconds)


def run_together(calls: list[Callable[[], None]]) -> None:
    """Call functions in threads of their own, and wait for all."""
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
