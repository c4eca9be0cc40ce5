import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import auth.attempts
from auth.attempts import ALLOWED, MAX_KEYS, Attempts
from auth.refused import TooManyAttempts


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(clock: Clock) -> Attempts:
    return Attempts(clock)


def wait(attempts: Attempts, *keys: str) -> int:
    """The seconds that `keys` are told to wait; 0 when they may try."""
    try:
        attempts.check(*keys)
    except TooManyAttempts as refused:
        return refused.seconds
    return 0


def fail(attempts: Attempts, key: str, times: int = ALLOWED) -> None:
    for _ in range(times):
        attempts.failed(key)


def test_twenty_failures_are_allowed_at_once(attempts: Attempts) -> None:
    waits = []
    for _ in range(21):
        waits.append(wait(attempts, "203.0.113.7"))
        attempts.failed("203.0.113.7")

    assert waits == [0] * 20 + [3]


def test_a_failure_is_forgiven_every_three_seconds(attempts: Attempts, clock: Clock) -> None:
    fail(attempts, "a")

    waits = []
    for _ in range(4):
        waits.append(wait(attempts, "a"))
        clock.now += 1
    attempts.failed("a")

    assert (waits, wait(attempts, "a")) == ([3, 2, 1, 0], 2)


def test_the_seconds_to_wait_are_never_less_than_it_takes(attempts: Attempts, clock: Clock) -> None:
    fail(attempts, "a")
    clock.now += 2.5

    assert wait(attempts, "a") == 1
    clock.now += 1
    assert wait(attempts, "a") == 0


def test_all_is_forgiven_after_a_minute_and_no_more_than_all(
    attempts: Attempts, clock: Clock
) -> None:
    fail(attempts, "a")
    clock.now += 3600
    fail(attempts, "a", ALLOWED - 1)

    assert wait(attempts, "a") == 0
    attempts.failed("a")
    assert wait(attempts, "a") == 3


def test_failures_past_the_last_do_not_lengthen_the_wait(attempts: Attempts) -> None:
    fail(attempts, "a", 1000)

    assert wait(attempts, "a") == 3


def test_checking_counts_nothing(attempts: Attempts) -> None:
    assert {wait(attempts, "a", f"b{n}") for n in range(100)} == {0}
    assert attempts._buckets == {}


def test_a_key_that_failed_too_often_stops_only_those_who_bring_it(attempts: Attempts) -> None:
    for n in range(ALLOWED):
        attempts.failed(f"203.0.113.{n}", "account")

    assert wait(attempts, "account") == 3
    assert wait(attempts, "203.0.113.1", "account") == 3
    assert wait(attempts, "account", "203.0.113.1") == 3
    assert wait(attempts, "203.0.113.1", "another") == 0
    assert wait(attempts) == 0


def test_the_longest_of_the_waits_is_told(attempts: Attempts, clock: Clock) -> None:
    fail(attempts, "a")
    clock.now += 1
    fail(attempts, "b")

    assert (wait(attempts, "a"), wait(attempts, "a", "b")) == (2, 3)


def test_a_flood_of_fresh_keys_is_forgotten_before_a_full_bucket(
    attempts: Attempts, clock: Clock
) -> None:
    fail(attempts, "full")
    for n in range(3 * MAX_KEYS):
        attempts.failed(f"fresh {n}")
        clock.now += 1e-5

    assert wait(attempts, "full") == 3
    assert len(attempts._buckets) == len(attempts._queue) == MAX_KEYS
    assert f"fresh {2 * MAX_KEYS}" not in attempts._buckets
    assert f"fresh {2 * MAX_KEYS + 1}" in attempts._buckets


def test_an_empty_bucket_is_forgotten_before_one_that_was_used_earlier(
    attempts: Attempts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth.attempts, "MAX_KEYS", 2)
    fail(attempts, "full")
    clock.now += 1
    attempts.failed("once")
    clock.now += 4
    attempts.failed("fresh")

    assert list(attempts._buckets) == ["full", "fresh"]


def test_of_two_that_are_as_full_the_longest_unused_is_forgotten(
    attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth.attempts, "MAX_KEYS", 2)
    for key in ("b", "a", "c"):
        attempts.failed(key)

    assert list(attempts._buckets) == ["a", "c"]


KEYS = some.sampled_from("abcdef")


class AgainstAModel(RuleBasedStateMachine):
    """Buckets that each hold their seconds to go: 3 for a failure, 60 at the most."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(auth.attempts, "MAX_KEYS", 3)
        self.clock = Clock()
        self.attempts = Attempts(self.clock)
        self.model: dict[str, int] = {}

    def teardown(self) -> None:
        self.patch.undo()

    @rule(key=KEYS, times=some.integers(1, 25))
    def failures(self, key: str, times: int) -> None:
        fail(self.attempts, key, times)
        before = self.model.pop(key, 0)
        if len(self.model) == 3:
            del self.model[min(self.model, key=self.model.__getitem__)]
        self.model[key] = min(before + 3 * times, 60)

    @rule(seconds=some.integers(1, 70))
    def passing(self, seconds: int) -> None:
        self.clock.now += seconds
        self.model = {key: max(0, left - seconds) for key, left in self.model.items()}

    @invariant()
    def the_waits_are_those_of_the_model(self) -> None:
        told = {key: wait(self.attempts, key) for key in "abcdef"}

        assert told == {key: max(0, self.model.get(key, 0) - 57) for key in "abcdef"}

    @invariant()
    def memory_is_bounded(self) -> None:
        assert len(self.attempts._buckets) == len(self.attempts._queue) <= 3


TestAgainstAModel = AgainstAModel.TestCase
TestAgainstAModel.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
