"""What may be done in which state: one table for each workflow, which is enforced and drawn."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from models.errors import IllegalStep, StaleVersion

State = TypeVar("State", bound=StrEnum)
Step = TypeVar("Step", bound=StrEnum)


class Workflow(Generic[State, Step]):
    """The states of a thing, and for each step the states it leads from and to."""

    def __init__(
        self, name: str, start: State, steps: Mapping[Step, Mapping[State, State]]
    ) -> None:
        self.name = name
        self._start = start
        self._steps = steps

    def after(self, state: State, step: Step) -> State:
        """The state after `step`. Raises IllegalStep, which tells the steps that are possible."""
        if state not in self._steps[step]:
            possible = ", ".join(self.possible(state)) or "none"
            message = "In the state {state} these steps are possible: {possible}."
            raise IllegalStep(message, "id", state=state.value, possible=possible)
        return self._steps[step][state]

    def possible(self, state: State) -> list[Step]:
        """The steps that lead on from `state`."""
        return [step for step, ways in self._steps.items() if state in ways]

    def diagram(self) -> str:
        """The workflow as a Mermaid state diagram."""
        ways: dict[tuple[State, State], list[str]] = {}
        for step, pairs in self._steps.items():
            for pair in pairs.items():
                ways.setdefault(pair, []).append(step.value)
        arrows = [f"{a.value} --> {b.value}: {', '.join(names)}" for (a, b), names in ways.items()]
        ends = dict.fromkeys(b for _, b in ways if not self.possible(b))
        whole = [f"[*] --> {self._start.value}", *arrows, *(f"{end.value} --> [*]" for end in ends)]
        return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in whole)])


def next_version(now: int, expected: int) -> int:
    """The version after `now`. Raises StaleVersion unless that is the one that was read."""
    if now != expected:
        message = "This is at version {version} now: read it again."
        raise StaleVersion(message, "expectedVersion", version=now)
    return now + 1
