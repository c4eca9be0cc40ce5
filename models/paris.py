"""Days are those of Paris: when they begin, and when a reply is due.

A reply is due at the end of a day, so that lists and figures, which know days, count the same.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

PARIS: Final = ZoneInfo("Europe/Paris")


def today() -> date:
    """Which day it is there."""
    return datetime.now(PARIS).date()


def beginning(day: date) -> datetime:
    """When a day begins, in UTC."""
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


def due_at(published: datetime, days: int) -> datetime:
    """Until when a reply is in time: as many days after that of publication, to their end."""
    return beginning(published.astimezone(PARIS).date() + timedelta(days=days + 1))


def last_late(days: int) -> date:
    """The last day of publication of which replies were due before today."""
    return today() - timedelta(days=days + 1)


def late_before(days: int) -> datetime:
    """What was published before this, and not answered, is overdue."""
    return beginning(last_late(days) + timedelta(days=1))
