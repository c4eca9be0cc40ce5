"""What a change leads to: what is answered, and what the audit trail is told."""

from typing import Any

from models.audit import Deed


class Done:
    """The values of a payload, by their names, and what was done."""

    def __init__(self, *deeds: Deed, **values: Any) -> None:
        self.deeds = deeds
        self.values = values
