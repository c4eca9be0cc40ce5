"""Imports are told like everything else that happens."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs import telling
from jobs.reviews import load
from models import ids
from models.event import Event, EventLog
from models.review import Review
from tests import factories as make
from tests.test_import_reviews import experience

pytestmark = pytest.mark.usefixtures("world")


async def told(folder: Path, *experiences: dict[str, Any]) -> list[tuple[str, str, int | None]]:
    """Type, item and office of the events of an import."""
    last = await Event.all().order_by("-id").first()
    path = folder / "export.json"
    path.write_text(json.dumps(experiences))
    await load(path, folder / "rejects.csv")
    found = Event.filter(id__gt=last.id if last else 0).order_by("id")
    return [(event.type, event.item, event.office_id) for event in await found]


async def test_what_an_import_changed_is_told_where_it_is_of_concern(tmp_path: Path) -> None:
    rhone = await make.office(name="Caf du Rhône")
    loire = await make.office(name="Caf de la Loire", department="42")

    first = await told(tmp_path, experience(1), experience(2))
    again = await told(tmp_path, experience(1), experience(2))
    moved = experience(2, intitule_structure_1=loire.name)
    changed = await told(tmp_path, experience(1, titre="Autre"), moved)

    one, two = [
        ids.encode("Review", (await Review.get(source_id=number)).id) for number in ("1", "2")
    ]
    assert first == [("review.published", one, rhone.id), ("review.published", two, rhone.id)]
    assert again == []
    assert changed == [
        ("review.changed", one, rhone.id),
        ("review.moved_away", two, rhone.id),
        ("review.changed", two, loire.id),
    ]


async def test_so_much_at_once_is_told_in_one_and_all_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "MASS", 2)
    await make.office(name="Caf du Rhône")
    before = await told(tmp_path, experience(1), experience(2))
    floor = (await EventLog.span()).floor

    mass = await told(tmp_path, *(experience(number) for number in range(3, 6)))

    (event,) = await Event.filter(type="import.finished")
    assert (len(before), floor) == (2, 0)
    assert mass == [("import.finished", "export.json", None)]
    assert (await EventLog.span()) == (event.id, event.id)
    assert (event.network_id, json.loads(event.facts)) == (None, {"reviews": 3})
