"""Figures are those that brute force counts, for whoever asks, however they are asked for."""

import os
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from jobs.rollup import fold_all
from models import ids
from models.moderation_figure import ModerationFigure
from models.network import Network
from models.rollup import fold
from models.submission import RejectReason
from schema.figures import COLUMNS
from tests import oracle_figures as oracle
from tests.client import Client
from tests.factories import procedure
from tests.facts import Grant, Part, Place, Review, World
from tests.oracle import ROLES
from tests.oracle_figures import Asked, Key
from tests.test_figures_csv import read
from tests.test_moderation_figures import PUBLISHED, REJECTED, submitted
from tests.test_oracle import OFFICES
from tests.worlds import (
    CHANNELS,
    DEPARTMENTS,
    NETWORKS,
    SENTIMENTS,
    VIEWER,
    WORDS,
    person,
    settle,
)

EXAMPLES = int(os.environ.get("ORACLE_EXAMPLES", "0"))
"""How many worlds to try, at random; without it a few, and always the same."""
WORLDS = EXAMPLES or 2
REVIEWS = 60
bases = count(1_000_000, 1_000)
PROCEDURES = ["p-card", "p-aid"]
GROUPS = ["NETWORK", "OFFICE", "DEPARTMENT", "REGION", "PROCEDURE", "CHANNEL", "AXIS"]
EDGES = [  # the last minutes and the first of months, years and weeks in Paris, and of days
    datetime(2025, 12, 31, 22, 59, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 0, tzinfo=UTC),
    datetime(2025, 3, 31, 21, 59, tzinfo=UTC),
    datetime(2025, 3, 31, 22, 0, tzinfo=UTC),
    datetime(2026, 1, 4, 22, 59, tzinfo=UTC),
    datetime(2026, 1, 4, 23, 0, tzinfo=UTC),
    datetime(2026, 1, 31, 23, 0, tzinfo=UTC),
    datetime(2026, 2, 14, 12, 0, tzinfo=UTC),
]
MIDNIGHT = datetime.now(oracle.PARIS).replace(hour=0, minute=0, second=0, microsecond=0)
LATELY = [MIDNIGHT - timedelta(days=days, seconds=s) for days in (0, 2, 3, 4, 5) for s in (0, 1)]
MOMENTS = [moment.astimezone(UTC) for moment in (*EDGES, *LATELY)]
TODAY = MIDNIGHT.date()
DAYS = [
    date(2025, 1, 1),
    date(2025, 3, 31),
    date(2025, 4, 1),
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2026, 1, 4),
    date(2026, 1, 15),
    date(2026, 1, 31),
    TODAY - timedelta(days=4),
    TODAY,
]
CONDITIONS = ["networks", "offices", "departments", "regions", "procedures", "channels"]
OUTCOMES = {"INSULT": 3, "DUPLICATE": 50}
"""What came in of each network in the month that is closed, and was kept back."""

FIGURE = "from to count positive neutral negative answered overdue delay { replies meanDays }"
FIGURE += " rate { value low high } axes { axis positive neutral negative }"
NAMED = "network { code } office { id } department { code } region { code } procedure { code }"
POINT = "{ figures { from network { code } count positive change { points } } }"
OFFICE = "satisfaction { count rate { value low high } shrunkRate peerRate peerWeight }"
PERIOD = "$period: Period!, $where: FigureFilter"
FIGURES = f"""query ({PERIOD}, $groupBy: [Group!], $by: TimeGrain) {{
  satisfaction(period: $period, groupBy: $groupBy, by: $by, where: $where) {{
    cells {{ {FIGURE} previous {{ {FIGURE} }} {NAMED} channel axis }} }}
  YEAR: barometer(from: 2025, to: 2026, by: YEAR) {POINT}
  QUARTER: barometer(from: 2025, to: 2026, by: QUARTER) {POINT} }}"""
HURTS = f"""query ({PERIOD}) {{ whatHurts(period: $period, where: $where, first: 100) {{
    count negative words {{ text here elsewhere }}
    axes {{ thing: axis count wrong: negative expected significant }}
    offices {{ thing: office {{ id }} count wrong: negative expected significant }}
    procedures {{ thing: procedure {{ code }} count wrong: negative expected significant }}
    overdue {{ count: due wrong: late expected significant oldest
      offices {{ thing: office {{ id }} count: due wrong: late expected significant oldest }} }} }}
  moderationFigures(kind: SUBMISSIONS, year: 2026) {{
    month network {{ code }} accepted outcomes {{ outcome value }} }} }}"""


async def a_closed_month() -> None:
    """What figures are asked of beside reviews, and a month of moderation."""
    await Network.filter(code="caf").update(reply_days=oracle.REPLY_DAYS["caf"])
    for code in PROCEDURES:
        await procedure(*NETWORKS, code=code)
    for network in NETWORKS:
        await submitted(network, 7, PUBLISHED)
        for reason, number in OUTCOMES.items():
            await submitted(network, number, REJECTED, RejectReason[reason])
    await ModerationFigure.close(202607, 11)


PLACES = {
    "country": [Place()],
    "network": [Place("caf"), Place("police")],
    "department": [Place("caf", "69"), Place("caf", "01"), Place("police", "69")],
    "office": [Place(one.network, None, one.key) for one in OFFICES],
}


class Chance(random.Random):
    """What is drawn."""

    def some(self, values: Sequence[Any], most: int) -> frozenset[Any]:
        return frozenset(self.sample(values, self.randint(1, most)))

    def viewers(self) -> list[Grant]:
        """One for each role and each place that suits it, and some with another grant as well."""
        kinds = [(role, width) for role, (_, widths) in ROLES.items() for width in widths.split()]
        alone = [(role, place) for role, width in kinds for place in PLACES[width]]
        numbers = count(VIEWER)
        given = [self.grant(who, *one) for who, one in zip(numbers, alone, strict=False)]
        again = self.sample(range(VIEWER, VIEWER + len(alone)), 8)
        return given + [self.grant(who, *self.choice(alone)) for who in again]

    def grant(self, who: int, role: str, place: Place) -> Grant:
        rights = self.some(["read_aggregates", "read_verbatims", "intake"], 2)
        key, bare = next(self.keys), frozenset[str]()
        return Grant(key, who, role, place, rights if role == "service" else bare)

    def review(self) -> Review:
        """At an edge of the calendar; answered soon, late, or before it was published."""
        published, felt = self.choice(MOMENTS), [None, *SENTIMENTS]
        parts = []
        for place in self.sample([one.place for one in OFFICES] * 2, self.choice([1, 1, 2, 3])):
            bare = Place(place.network, self.choice([place.department, None]))
            answered = self.random() < 0.5
            replied = published + timedelta(hours=self.choice([-1, 0, 3, 30, 500]))
            parts.append(
                Part(
                    next(self.keys),
                    bare if self.random() < 0.2 else place,
                    answered,
                    replied if answered and self.random() < 0.8 else None,
                    channels=frozenset(self.sample(CHANNELS, self.randint(0, 2))),
                )
            )
        return Review(
            next(self.keys),
            published,
            self.choice(SENTIMENTS),
            self.choice(WORDS),
            self.choice(felt),
            tuple(parts),
            self.choice(felt),
            self.choice([None, *PROCEDURES]),
        )

    def world(self) -> World:
        self.keys = count(100)
        grants = self.viewers()
        return World(
            offices=OFFICES,
            reviews=tuple(self.review() for _ in range(REVIEWS)),
            accounts=tuple({one.account for one in grants if one.account}),
            grants=tuple(grants),
            base=next(bases),
        )

    def asked(self) -> Asked:
        """Mostly wide, and with few conditions, so that most find something."""
        first, last = sorted(self.sample([*DAYS, *DAYS[::8]], 2))
        values: dict[str, Sequence[Any]] = {
            "networks": NETWORKS,
            "offices": [1, 2, 4, 5],
            "departments": DEPARTMENTS,
            "regions": ["84", "11"],
            "procedures": PROCEDURES,
            "channels": CHANNELS,
        }
        met = self.sample(CONDITIONS, self.choice([0, 0, 0, 1, 1, 2]))
        return Asked(
            first,
            last,
            tuple(self.sample(GROUPS, self.choice([0, 1, 1, 2, 2]))),
            self.choice([None, "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]),
            **{name: self.some(values[name], 2) for name in met},
        )


async def test_figures_are_what_brute_force_counts_for_whoever_asks(api: Client) -> None:
    await a_closed_month()
    for seed in range(WORLDS):
        chance = Chance(seed if not EXAMPLES else None)
        world = chance.world()
        await settle(world)
        asked = {who: chance.asked() for who in world.accounts}
        for number, (who, question) in enumerate(asked.items()):
            if number % 10 == 0:
                await fold(chance.randint(1, 100))  # the rest is read from deltas
            await compare_figures(api, world, who, question)
        await fold_all()  # whole networks are as they were when last folded
        for who, question in asked.items():
            await compare_causes(api, world, who, question)


async def compare_figures(api: Client, world: World, who: int, asked: Asked) -> None:
    given = variables(world, asked) | {"groupBy": asked.groups, "by": asked.by}
    data = await api.data(person(world, who), FIGURES, **given)
    wanted, cells = oracle.satisfaction(world, who, asked), data["satisfaction"]["cells"]
    assert alike({key_of(world, asked, one): plain(one) for one in cells}) == alike(wanted)
    assert len(cells) == len(wanted)
    lines = {key: (one["count"], one["positive"]) for key, one in wanted.items()}
    assert await csv(api, world, who, asked) == lines
    for pace in ("YEAR", "QUARTER"):
        points = dict(map(pointed, data[pace]))
        assert alike(points) == alike(oracle.barometer(world, who, range(2025, 2027), pace))
    offices = await satisfaction_of(api, world, who)
    assert alike(offices) == alike(oracle.near(world, who))


async def compare_causes(api: Client, world: World, who: int, asked: Asked) -> None:
    data = await api.data(person(world, who), HURTS, **variables(world, asked))
    found = hurting(world, data["whatHurts"])
    assert alike(found) == alike(oracle.what_hurts(world, who, asked))
    await compare_moderation(world, who, data["moderationFigures"])


def alike(value: Any) -> Any:
    """What may be compared: a sum of floats is another one in another order."""
    if isinstance(value, dict):
        return {key: alike(one) for key, one in value.items()}
    if isinstance(value, list):
        return [alike(one) for one in value]
    return round(value, 9) if isinstance(value, float) else value


def variables(world: World, asked: Asked) -> dict[str, Any]:
    where = {
        name: sorted(values) for name in CONDITIONS if (values := getattr(asked, name)) is not None
    }
    if asked.offices is not None:
        where["offices"] = [id_of(world, key) for key in sorted(asked.offices)]
    return {
        "period": {"from": asked.first.isoformat(), "to": asked.last.isoformat()},
        "where": where,
    }


def id_of(world: World, office: int) -> str:
    return ids.encode("Office", world.base + office)


def named(world: World, thing: Any) -> Any:
    """What the oracle calls what the service tells."""
    if not isinstance(thing, dict):
        return thing
    if "code" in thing:
        return thing["code"]
    return next(one.key for one in world.offices if id_of(world, one.key) == thing["id"])


def key_of(world: World, asked: Asked, cell: dict[str, Any]) -> Key:
    return (*(named(world, cell[group.lower()]) for group in asked.groups), cell["from"])


def plain(cell: dict[str, Any]) -> dict[str, Any]:
    shown = {name: cell[name] for name in FIGURE_NAMES}
    feelings = ("positive", "neutral", "negative")
    shown["axes"] = {one["axis"]: [one[felt] for felt in feelings] for one in cell["axes"]}
    if "previous" in cell:
        shown["previous"] = cell["previous"] and plain(cell["previous"])
    return shown


FIGURE_NAMES = "from to count positive neutral negative answered overdue delay rate".split()


def pointed(point: dict[str, Any]) -> tuple[Key, list[Any]]:
    told = point["figures"]
    network = told["network"]["code"] if told["network"] else ""
    change = told["change"] and told["change"]["points"]
    return (network, told["from"]), [told["count"], told["positive"], change]


def hurting(world: World, told: dict[str, Any]) -> dict[str, Any]:
    def causes(found: list[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
        return {named(world, one.pop("thing")): one for one in found}

    for name in ("axes", "offices", "procedures"):
        excess = [one["wrong"] - one["expected"] for one in told[name]]
        assert excess == sorted(excess, reverse=True)
        # What is as expected may be a hair beyond it.
        kept = [one for one, more in zip(told[name], excess, strict=True) if more > 1e-9]
        told[name] = causes(kept)
    late = [one["wrong"] for one in told["overdue"]["offices"]]
    assert late == sorted(late, reverse=True)
    told["overdue"]["offices"] = causes(told["overdue"]["offices"])
    told["words"] = {one["text"]: (one["here"], one["elsewhere"]) for one in told["words"]}
    return told


async def csv(api: Client, world: World, viewer: int, asked: Asked) -> dict[Key, tuple[int, int]]:
    given = variables(world, asked)
    lists = {"groupBy": asked.groups, **given["where"]}
    params = given["period"] | {name: ",".join(values) for name, values in lists.items()}
    who = api.headers(person(world, viewer))
    answer = await api.http.get("/figures.csv", params=params | {"by": asked.by or ""}, headers=who)
    columns = {
        group: next(name for name in (f"{low}.id", f"{low}.code", low) if name in CSV_NAMES)
        for group, low in ((group, group.lower()) for group in asked.groups)
    }

    def value(line: dict[str, str], group: str) -> Any:
        told = line[columns[group]] or None
        return named(world, {"id": told}) if told and group == "OFFICE" else told

    return {
        (*(value(line, group) for group in asked.groups), line["from"]): (
            int(line["count"]),
            int(line["positive"]),
        )
        for line in read(answer)
    }


CSV_NAMES = {".".join(path) for path in COLUMNS}


async def satisfaction_of(api: Client, world: World, who: int) -> dict[int, Any]:
    """Of each office, what is told near it; with what its rate is drawn from."""
    fields = [
        f'o{one.key}: office(id: "{id_of(world, one.key)}") {{ {OFFICE} }}' for one in world.offices
    ]
    listed = f"offices(first: 100) {{ nodes {{ id {OFFICE} }} }}"
    data = await api.data(person(world, who), f"{{ {' '.join(fields)} {listed} }}")
    among = {one["id"]: one["satisfaction"] for one in data["offices"]["nodes"]}
    found: dict[int, Any] = {}
    for one in world.offices:
        told = data[f"o{one.key}"]["satisfaction"]
        assert told == among[id_of(world, one.key)]  # beside those of other networks
        found[one.key] = told
        if told is None:
            continue
        shrunk, weight = told.pop("shrunkRate"), told.pop("peerWeight")
        positive = round(told["rate"]["value"] * told["count"]) if told["rate"] else 0
        told["positive"] = positive
        if told["peerRate"] is not None:
            drawn = (positive + weight * told["peerRate"]) / (told["count"] + weight)
            assert (shrunk, 1 <= weight <= 200) == (pytest.approx(drawn), True)
    return found


async def compare_moderation(world: World, who: int, told: list[dict[str, Any]]) -> None:
    codes = {one.code for one in await Network.all()} | {""}
    found = {
        one["network"]["code"] if one["network"] else "": one
        for one in told
        if one["month"] == "2026-07-01"
    }
    assert set(found) == oracle.moderation(world, who, codes)
    for code, one in found.items():
        times = {"": len(NETWORKS)}.get(code, int(code in NETWORKS))
        assert one["accepted"] == 7 * times
        for each in one["outcomes"]:
            assert each["value"] in {None, times * OUTCOMES.get(each["outcome"], 0)}
