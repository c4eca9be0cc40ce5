"""Figures a second time: counted by brute force from what a viewer may count, in plain words."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import product
from math import sqrt
from statistics import NormalDist, fmean
from typing import Any
from zoneinfo import ZoneInfo

from tests.facts import Part, Place, Review, World
from tests.oracle import lineage, rights

PARIS = ZoneInfo("Europe/Paris")
REGIONS = {"01": "84", "69": "84", None: None}
REPLY_DAYS = {"caf": 3}  # of other networks five
AXES = ("RELATION", "SIMPLICITY")
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Asked:
    """Which figures: of days from one to another, told apart, and of what meets conditions."""

    first: date
    last: date
    groups: tuple[str, ...] = ()
    by: str | None = None
    networks: frozenset[str] | None = None
    offices: frozenset[int] | None = None
    departments: frozenset[str] | None = None
    regions: frozenset[str] | None = None
    procedures: frozenset[str] | None = None
    channels: frozenset[str] | None = None


@dataclass(frozen=True)
class Told:
    """A structure of a review: what is counted."""

    review: Review
    part: Part

    @property
    def day(self) -> date:
        return self.review.published.astimezone(PARIS).date()

    @property
    def network(self) -> str:
        return self.part.place.network or ""

    @property
    def office(self) -> int | None:
        return self.part.place.office

    @property
    def procedure(self) -> str | None:
        return self.review.procedure

    @property
    def axes(self) -> dict[str, str]:
        felt = {"RELATION": self.review.relation, "SIMPLICITY": self.review.simplicity}
        return {axis: said for axis, said in felt.items() if said}

    @property
    def due(self) -> bool:
        """Its last day in time was before today."""
        last = self.day + timedelta(days=REPLY_DAYS.get(self.network, 5))
        return last < datetime.now(PARIS).date()

    @property
    def late(self) -> bool:
        return self.due and not self.part.answered


Wrong = Callable[[Told], bool]


def negative(one: Told) -> bool:
    return one.review.sentiment == "NEGATIVE"


def everything(world: World) -> list[Told]:
    return [Told(review, part) for review in world.reviews for part in review.parts]


def counted(world: World, who: int, right: str = "read_aggregates") -> list[Told]:
    """Structures where one holds the right to count: the others of a review are not theirs."""
    return [one for one in everything(world) if right in rights(world, who, one.part.place)]


def meets(world: World, one: Told, asked: Asked) -> bool:
    place = one.part.place
    return (
        asked.first <= one.day <= asked.last
        and (asked.networks is None or place.network in asked.networks)
        and (asked.offices is None or bool(asked.offices & lineage(world, place.office)))
        and (asked.departments is None or place.department in asked.departments)
        and (asked.regions is None or REGIONS[place.department] in asked.regions)
        and (asked.procedures is None or one.review.procedure in asked.procedures)
        and (asked.channels is None or bool(asked.channels & one.part.channels))
    )


def piece(by: str | None, day: date, asked: Asked) -> tuple[date, date]:
    """The first and the last day of the piece of the calendar that a day is in."""
    if by is None:
        return asked.first, asked.last
    first = begin(by, day)
    after = (first + timedelta(days=n) for n in range(1, 367))
    return first, next(one for one in after if begin(by, one) > first) - timedelta(days=1)


def begin(by: str, day: date) -> date:
    return {
        "DAY": day,
        "WEEK": day - timedelta(days=day.weekday()),
        "MONTH": day.replace(day=1),
        "QUARTER": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "YEAR": day.replace(month=1, day=1),
    }[by]


def before(first: date, last: date) -> tuple[date, date]:
    """As many days just before; as many months, where these are whole months."""
    end = first - timedelta(days=1)
    if first.day > 1 or (last + timedelta(days=1)).day > 1:
        return first - (last + timedelta(days=1) - first), end
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    begin = first
    for _ in range(months):
        begin = (begin - timedelta(days=1)).replace(day=1)
    return begin, end


def ones(group: str, one: Told) -> Iterable[Any]:
    """What a structure counts for: each of its channels, and each axis it speaks of."""
    place = one.part.place
    found: dict[str, list[Any]] = {
        "NETWORK": [place.network],
        "OFFICE": [place.office],
        "DEPARTMENT": [place.department],
        "REGION": [REGIONS[place.department]],
        "PROCEDURE": [one.review.procedure],
        "CHANNEL": list(one.part.channels) or [None],
        "AXIS": list(one.axes),
    }
    return found[group]


def wilson(some: float, count: int) -> dict[str, float] | None:
    if not count:
        return None
    z, share = NormalDist().inv_cdf(0.975), some / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    return {"value": share, "low": middle - half, "high": middle + half}


def figures(told: Iterable[tuple[Told, str]], on_axis: bool) -> dict[str, Any]:
    """What structures say, each with the feeling that counts."""
    pairs = list(told)
    felt = Counter(feeling for _, feeling in pairs)
    count, positive = len(pairs), felt["POSITIVE"]
    said: dict[str, Any] = {"count": count, "positive": positive, "neutral": felt["NEUTRAL"]}
    said |= {"negative": felt["NEGATIVE"], "rate": wilson(positive, count)}
    answered = [one for one, _ in pairs if one.part.answered]
    delays = [took(one) for one in answered if one.part.replied]
    mean = fmean(delays) / 86_400 if delays else None
    return said | {
        "answered": None if on_axis else len(answered),
        "overdue": None if on_axis else sum(one.late for one, _ in pairs),
        "delay": None if on_axis else {"replies": len(delays), "meanDays": mean},
        "axes": {} if on_axis else profile(one for one, _ in pairs),
    }


def between(first: date, last: date) -> dict[str, str]:
    return {"from": first.isoformat(), "to": last.isoformat()}


def took(one: Told) -> int:
    replied = one.part.replied
    assert replied
    return max(0, int(replied.timestamp()) - int(one.review.published.timestamp()))


def profile(told: Iterable[Told]) -> dict[str, list[int]]:
    """Of each axis, how many are positive, neutral and negative on it."""
    said = Counter(pair for one in told for pair in one.axes.items())
    feelings = ("POSITIVE", "NEUTRAL", "NEGATIVE")
    counts = {axis: [said[axis, feeling] for feeling in feelings] for axis in AXES}
    return {axis: found for axis, found in counts.items() if any(found)}


def satisfaction(world: World, who: int, asked: Asked) -> dict[Key, dict[str, Any]]:
    """Cells by their groups and the first day that is counted of their piece."""
    mine = counted(world, who)
    on_axis = "AXIS" in asked.groups

    def cells(first: date, last: date) -> dict[Key, list[tuple[Told, str]]]:
        found: dict[Key, list[tuple[Told, str]]] = defaultdict(list)
        days = Asked(**{**vars(asked), "first": first, "last": last})
        for one in (one for one in mine if meets(world, one, days)):
            begun = piece(asked.by, one.day, asked)[0]
            for key in product(*(ones(group, one) for group in asked.groups)):
                axis = dict(zip(asked.groups, key, strict=True)).get("AXIS")
                found[*key, begun].append((one, one.axes[axis] if axis else one.review.sentiment))
        return found

    said = {}
    for key, pairs in cells(asked.first, asked.last).items():
        first, last = piece(asked.by, key[-1], asked)
        then = before(first, last)
        previous = [
            pair
            for (*groups, _), those in cells(*then).items()
            if tuple(groups) == key[:-1]
            for pair in those
        ]
        beside = figures(previous, on_axis) | {"overdue": None, **between(*then)}
        days = between(max(first, asked.first), min(last, asked.last))
        said[*key[:-1], days["from"]] = (
            figures(pairs, on_axis) | days | {"previous": beside if previous else None}
        )
    return said


def barometer(world: World, who: int, years: range, by: str) -> dict[Key, list[Any]]:
    """Of the country, and of each network: how many, how many positive, points since last year."""
    spoken: dict[Key, Counter[str]] = defaultdict(Counter)
    for one in counted(world, who):
        at = (one.day.year, (one.day.month - 1) // 3 if by == "QUARTER" else 0)
        for network in ("", one.network):
            spoken[network, *at].update(["count", one.review.sentiment])
    found = {}
    for (network, year, part), now in spoken.items():
        then = spoken.get((network, year - 1, part))
        shares = [one["POSITIVE"] / one["count"] for one in (now, then) if one]
        points = 100 * (shares[0] - shares[1]) if then else None
        if year in years:
            begun = date(year, part * 3 + 1, 1).isoformat()
            found[network, begun] = [now["count"], now["POSITIVE"], points]
    return found


def what_hurts(world: World, who: int, asked: Asked) -> dict[str, Any]:
    """Causes with what would be expected by their networks, all of them, over the same days."""
    own = [one for one in counted(world, who) if meets(world, one, asked)]
    days = Asked(asked.first, asked.last)
    peers = defaultdict[str, list[Told]](list)
    for one in everything(world):
        if meets(world, one, days):
            peers[one.network].append(one)

    def causes(name: str, wrong: Wrong = negative, due: bool = False) -> dict[Any, Any]:
        keys = {getattr(one, name) for one in own} - {None}
        told = {key: [one for one in own if getattr(one, name) == key] for key in keys}
        return {key: cause(those, peers, wrong, due=due) for key, those in told.items()}

    on = {axis: partial(negative_on, axis) for axis in AXES}
    late = causes("office", lambda one: one.late, due=True)
    whole = cause(own, peers, lambda one: one.late, due=True)
    return {
        "count": len(own),
        "negative": sum(map(negative, own)),
        "axes": telling({axis: cause(own, peers, on[axis]) for axis in AXES}),
        "offices": telling(causes("office")),
        "procedures": telling(causes("procedure")),
        "words": words(world, who, asked),
        "overdue": whole
        | {"oldest": oldest(own)}
        | {
            "offices": {
                key: one | {"oldest": oldest(told for told in own if told.office == key)}
                for key, one in late.items()
                if one["wrong"]
            }
        },
    }


def negative_on(axis: str, one: Told) -> bool:
    return one.axes.get(axis) == "NEGATIVE"


def cause(
    told: list[Told], peers: Mapping[str, list[Told]], wrong: Wrong, *, due: bool = False
) -> dict[str, Any]:
    """Each is expected to be wrong as often as those of its network."""
    all_of, expected = [one for one in told if one.due or not due], 0.0
    counted_in = {
        network: [peer for peer in peers[network] if peer.due or not due]
        for network in {one.network for one in all_of}
    }
    for one in all_of:
        those = counted_in[one.network]
        expected += sum(map(wrong, those)) / len(those)
    rest = [peer for those in counted_in.values() for peer in those if peer not in all_of]
    here = (sum(map(wrong, all_of)), len(all_of))
    elsewhere = (sum(map(wrong, rest)), len(rest))
    known = {"count": here[1], "wrong": here[0], "expected": expected}
    return known | {"significant": differ(here, elsewhere)}


def differ(one: tuple[int, int], other: tuple[int, int]) -> bool | None:
    """Whether two shares do by more than chance explains; of few that is not said."""
    pooled = (one[0] + other[0]) / max(1, one[1] + other[1])
    if min(one[1], other[1]) * min(pooled, 1 - pooled) < 5:
        return None
    error = sqrt(pooled * (1 - pooled) * (1 / one[1] + 1 / other[1]))
    return abs(one[0] / one[1] - other[0] / other[1]) / error > NormalDist().inv_cdf(0.975)


def telling(found: dict[Any, dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    """Those of which more is wrong than expected."""
    return {
        key: one
        for key, one in found.items()
        if one["wrong"] and one["wrong"] > one["expected"] + HAIR
    }


HAIR = 1e-9


def oldest(told: Iterable[Told]) -> str | None:
    """When what waits longest was published."""
    return min((one.day.isoformat() for one in told if one.late), default=None)


def words(world: World, who: int, asked: Asked) -> dict[str, tuple[int, int]]:
    """Of the words that the texts are made of, those that negative ones hold more often."""
    read = counted(world, who, "read_verbatims")
    reviews = {one.review for one in read if meets(world, one, asked)}
    here = [one for one in reviews if one.sentiment == "NEGATIVE"]
    elsewhere = [one for one in reviews if one.sentiment != "NEGATIVE"]
    found = {}
    for word in ("attente", "guichet"):
        ours, theirs = [[one.word == word for one in those] for those in (here, elsewhere)]
        if sum(ours) >= 3 and sum(ours) * len(elsewhere) > sum(theirs) * len(here):
            found[word] = (sum(ours), sum(theirs))
    return found


def near(world: World, who: int) -> dict[int, dict[str, Any] | None]:
    """Of each office that one may count, the year up to yesterday; beside all of its network."""
    today = datetime.now(PARIS).date()
    year = Asked(today - timedelta(days=365), today - timedelta(days=1))
    mine = [one for one in counted(world, who) if meets(world, one, year)]
    found: dict[int, dict[str, Any] | None] = {}
    for office in world.offices:
        if "read_aggregates" not in rights(world, who, office.place):
            found[office.key] = None
            continue
        peers = [one for one in mine if one.network == office.network and one.part.place.office]
        own = [one for one in mine if one.part.place.office == office.key]
        found[office.key] = {
            "count": len(own),
            "rate": wilson(positives(own), len(own)),
            "peerRate": positives(peers) / len(peers) if peers else None,
            "positive": positives(own),
        }
    return found


def positives(told: Iterable[Told]) -> int:
    return sum(one.review.sentiment == "POSITIVE" for one in told)


def moderation(world: World, who: int, networks: Iterable[str]) -> set[str]:
    """Those that one may count as wholes; "" is all of them."""
    return {one for one in networks if "read_aggregates" in rights(world, who, Place(one or None))}
