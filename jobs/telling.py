"""What an import changed, for those who follow: review by review, unless it is too much."""

from collections.abc import Iterable, Mapping

from models import ids
from models.audit import AuditEntry, Deed, Place
from models.event import Event, EventLog

MASS = 1_000
"""Reviews above which they are not told one by one: whoever follows reads all anew."""


class Telling:
    """Takes what is published and changed, and tells it at the end of the transaction."""

    def __init__(self) -> None:
        self._reviews = 0
        self._deeds: list[Deed] = []

    def published(self, review: int, structures: Mapping[int, Place]) -> None:
        """A review is new, and concerns `structures`."""
        self._take(_deed("review.published", review, *one) for one in structures.items())

    def changed(self, review: int, before: Mapping[int, Place], after: Mapping[int, Place]) -> None:
        """A review tells something else, and concerns `after` where it concerned `before`."""
        left = {place: key for key, place in before.items()}
        for place in after.values():
            left.pop(place, None)
        gone = [_deed("review.moved_away", review, key, place) for place, key in left.items()]
        self._take([*gone, *(_deed("review.changed", review, *one) for one in after.items())])

    def _take(self, deeds: Iterable[Deed]) -> None:
        self._reviews += 1
        if self._reviews <= MASS:
            self._deeds.extend(deeds)
        else:
            self._deeds.clear()

    async def tell(self, after: AuditEntry) -> None:
        """Write the events, `after` the entry of the audit trail that tells of the import."""
        if self._reviews <= MASS:
            await Event.add(after, self._deeds)
            return
        facts = {"reviews": self._reviews}
        await EventLog.restart(after, Deed("import.finished", after.subject, facts=facts))


def _deed(action: str, review: int, structure: int, place: Place) -> Deed:
    facts = {"structure": ids.encode("ReviewStructure", structure)}
    return Deed(action, ids.encode("Review", review), place, facts)
