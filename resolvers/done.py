"""What a change leads to: what is answered, and what others are told."""

from collections.abc import Mapping
from typing import Any

from models.audit import Deed
from models.errors import Refusal


class Done:
    """What was done; the `things` to show, each by its key; and plain values that are `told`.

    What is told is JSON, and is kept with the idempotency key. What is told `once` is not. What is
    `refused` is told as such, although something was written down of it.
    """

    def __init__(
        self,
        *deeds: Deed,
        told: Mapping[str, Any] | None = None,
        once: Mapping[str, Any] | None = None,
        refused: Refusal | None = None,
        **things: int | None,
    ) -> None:
        self.deeds = deeds
        self.things = {name: key for name, key in things.items() if key is not None}
        self.told = dict(told or {})
        self.once = dict(once or {})
        self.refused = refused
