"""Demo experiences: invented, repeatable, in the columns of the platform's open-data export."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate, islice
from math import exp, sqrt
from random import Random
from statistics import NormalDist
from typing import NamedTuple, TypeVar

from jobs import demo_texts as texts
from jobs.demo_texts import NEGATIVE, NEUTRAL, POSITIVE, Pen, Place, Story, spread

T = TypeVar("T")


class DemoOffice(NamedTuple):
    """An office that demo experiences may be about."""

    network: str
    name: str
    city: str
    department: str
    postal_code: str


def experiences(
    offices: Sequence[DemoOffice],
    count: int,
    seed: int,
    until: date = date(2026, 10, 31),
) -> Iterator[dict[str, object]]:
    """Yield `count` experiences of the thirty months up to `until`, in no order of date.

    The same arguments give the same experiences in any process, and a smaller `count` gives the
    first of them. Raises ValueError when there is no office to write about.
    """
    if not offices:
        raise ValueError("there is no office to write about")
    return islice(_Platform(offices, Random(seed), until).experiences(), count)


# --- When -----------------------------------------------------------------------------------

_SPAN = 913  # days in thirty months
_WEEKDAYS = (120, 125, 105, 115, 100, 50, 40)
_MONTHS = (130, 105, 100, 95, 90, 95, 80, 55, 135, 110, 100, 85)
_HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
_MODERATION_DAYS = spread({0: 20, 1: 30, 2: 20, 3: 12, 4: 9, 5: 6, 6: 3})
_REPLY_DAYS = tuple(
    round(exp(NormalDist(mu=2.58, sigma=0.93).inv_cdf((rank + 0.5) / 500))) for rank in range(500)
)


def _bustle(day: date, rank: int) -> int:
    """How much is written that day: twice as much at the end as at the start."""
    weight = _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1] * (_SPAN + rank)
    return weight // 2 if (day.month, day.day) in _HOLIDAYS else weight


# --- Where ----------------------------------------------------------------------------------

_BIG_CITIES = (
    " Paris Marseille Lyon Toulouse Nice Nantes Montpellier Strasbourg Bordeaux Lille Rennes Reims"
    " Saint-Étienne Toulon Grenoble Dijon Angers Nîmes Villeurbanne Brest Tours Amiens Limoges"
    " Metz Perpignan Besançon Rouen Mulhouse Caen Nancy Avignon Orléans Créteil Bobigny Nanterre"
    " Aix-en-Provence Clermont-Ferrand "
)
_DISTRICTS = {"750": 20, "130": 16, "690": 9}


class _Desk(NamedTuple):
    """An office at work: where its users live, how it fares, how it answers."""

    office: DemoOffice
    weight: int
    place: Place
    postal_codes: tuple[str | None, ...]
    negative: float
    not_positive: float
    answered: float
    pace: float


def _desk(office: DemoOffice, weight: int, rng: Random) -> _Desk:
    place = texts.place_of(office.network, office.name, office.city)
    negative = place.theme.negative + rng.uniform(-0.09, 0.09)
    return _Desk(
        office,
        weight,
        place,
        _postal_codes(office.postal_code),
        negative,
        not_positive=negative + 1 - place.theme.positive - place.theme.negative,
        answered=rng.uniform(0.52, 0.72),
        pace=rng.uniform(0.7, 1.3),
    )


def _postal_codes(own: str) -> tuple[str | None, ...]:
    """Where users live: mostly at the office's own code, at times near, at times not said.

    A code that is not one of those around is taken for a Cedex, where nobody lives.
    """
    if len(own) != len("75001"):
        return (None,)
    stem = own[:3]
    ends = range(1, _DISTRICTS[stem] + 1) if stem in _DISTRICTS else range(0, 100, 10)
    near = tuple(f"{stem}{end:02}" for end in ends)
    return (own if own in near else near[0],) * 12 + near + (None,) * 3


def _weights(offices: Sequence[DemoOffice], rng: Random) -> list[int]:
    """How much is written about each office: Zipf-like in its network, the largest first."""
    members: dict[str, list[int]] = defaultdict(list)
    for index, office in enumerate(offices):
        members[office.network].append(index)
    weights = [0] * len(offices)
    for network, indexes in members.items():
        rng.shuffle(indexes)
        indexes.sort(key=lambda index: -_size(offices[index]))
        # The offset keeps the first of thousands from taking a fifth of all.
        shares = [(rank + 1 + len(indexes) / 50) ** -1.25 for rank in range(len(indexes))]
        *_, total = accumulate(shares)
        demand = texts.theme_of(network).demand * sqrt(len(indexes))
        for index, share in zip(indexes, shares, strict=True):
            weights[index] = 1 + round(1e9 * demand * share / total)
    return weights


def _size(office: DemoOffice) -> int:
    name = office.name.lower()
    big = f" {texts.town(office.city)} " in _BIG_CITIES
    return ("siège" in name) + ("commissariat" in name) + 2 * big


class _Pool(NamedTuple):
    """Desks to draw from."""

    desks: list[_Desk]
    cum_weights: list[int]


def _pool(desks: list[_Desk]) -> _Pool:
    return _Pool(desks, list(accumulate(desk.weight for desk in desks)))


def _pools(desks: list[_Desk]) -> dict[str, _Pool]:
    """A pool for each network."""
    members: dict[str, list[_Desk]] = defaultdict(list)
    for desk in desks:
        members[desk.office.network].append(desk)
    return {network: _pool(of_network) for network, of_network in members.items()}


# --- The records ----------------------------------------------------------------------------

_FIRST_ID = 1_000_001
_BATCH = 1024  # draws at a time, whatever the count asked
_SHARED, _SHARED_BY_THREE = 0.045, 0.005
_WITHOUT_OFFICE = 0.02
_IMPROVABLE = {
    POSITIVE: spread({None: 70, "Non": 28, "Oui": 2}),
    NEUTRAL: spread({None: 45, "Non": 40, "Oui": 15}),
    NEGATIVE: spread({None: 40, "Non": 35, "Oui": 25}),
}
_ACTED_ON, _TAGGED = 0.4, 0.4
_NOTHING_FELT: dict[str, str | None] = dict.fromkeys(texts.AXES)


class _Link(NamedTuple):
    """One of the structures concerned: its channels and, once it has answered, its reply."""

    network: str | None = None
    office: str | None = None
    channels: str | None = None
    reply: str | None = None
    replied: int | None = None


_NO_LINK = _Link()


class _Platform:
    """All that a record is drawn from; days go by their rank, the last being `until`."""

    def __init__(self, offices: Sequence[DemoOffice], rng: Random, until: date) -> None:
        days = [until - timedelta(days=_SPAN - rank) for rank in range(_SPAN + 1)]
        weights = _weights(offices, rng)
        self.rng, self.random = rng, rng.random
        self.pen = Pen(rng)
        self.dates = [day.isoformat() for day in days]
        self.bustle = list(accumulate(_bustle(day, rank) for rank, day in enumerate(days)))
        self.desks = [_desk(*known, rng) for known in zip(offices, weights, strict=True)]
        self.everywhere = _pools(self.desks)
        self.nearby = self._departments()
        self.scenes = {name: texts.scenes(texts.theme_of(name)) for name in self.everywhere}
        self.shared_scenes = {
            name: tuple(scene for scene in scenes if scene.situation.shareable)
            for name, scenes in self.scenes.items()
        }

    def _departments(self) -> dict[str, dict[str, _Pool]]:
        members: dict[str, list[_Desk]] = defaultdict(list)
        for desk in self.desks:
            members[desk.office.department].append(desk)
        return {department: _pools(desks) for department, desks in members.items()}

    def experiences(self) -> Iterator[dict[str, object]]:
        """Yield records for ever."""
        desks = self._drawn(*_pool(self.desks))
        days = self._drawn(range(_SPAN + 1), self.bustle)
        for number, (desk, day) in enumerate(zip(desks, days, strict=False), _FIRST_ID):
            yield self._experience(number, desk, day)

    def _drawn(self, population: Sequence[T], cum_weights: list[int]) -> Iterator[T]:
        while True:
            yield from self.rng.choices(population, cum_weights=cum_weights, k=_BATCH)

    def _experience(self, number: int, desk: _Desk, day: int) -> dict[str, object]:
        pick = self.pen.pick
        desks = self._concerned(desk)
        story = self._story(desks)
        published = min(day + pick(_MODERATION_DAYS), _SPAN)
        links = [self._link(desk, story, published) for desk in desks]
        replied = [link.replied for link in links if link.replied is not None]
        improvable = pick(_IMPROVABLE[story.mood]) if replied else None
        acted_on = improvable == "Oui" and self.random() < _ACTED_ON
        return {
            "id_experience": number,
            "etat_experience": "Traitée" if len(replied) == len(links) else "Publiée",
            "ecrit_le": self.dates[day],
            "date_de_publication": self.dates[published],
            "titre": self.pen.title(story),
            "description": self.pen.description(story),
            "poste_comme": story.author,
            "ressenti_usager": story.mood,
            **_structures(*links),
            "date_de_premiere_reponse": self.dates[min(replied)] if replied else None,
            "pays": "France",
            "code_postal_usager": pick(desk.postal_codes),
            "amelioration_de_service_a_considerer": improvable,
            "action": pick(texts.ACTIONS[story.lead]) if acted_on else None,
            **_NOTHING_FELT,
            **story.axes,
            "tags_metiers": story.scene.situation.tags if self.random() < _TAGGED else None,
        }

    def _concerned(self, desk: _Desk) -> list[_Desk]:
        """The desk and, now and then, one or two of other networks, in its department if any."""
        luck, desks = self.random(), [desk]
        if luck < _SHARED:
            for _ in range(2 if luck < _SHARED_BY_THREE else 1):
                desks += self._partner(desks)
        return desks

    def _partner(self, desks: list[_Desk]) -> list[_Desk]:
        taken = {desk.office.network for desk in desks}
        for pools in (self.nearby[desks[0].office.department], self.everywhere):
            if networks := [network for network in pools if network not in taken]:
                pool = pools[self.pen.pick(networks)]
                return self.rng.choices(pool.desks, cum_weights=pool.cum_weights)
        return []

    def _story(self, desks: list[_Desk]) -> Story:
        desk = desks[0]
        luck = self.random()
        if luck < desk.negative:
            mood = NEGATIVE
        else:
            mood = NEUTRAL if luck < desk.not_positive else POSITIVE
        scenes = self.scenes if len(desks) == 1 else self.shared_scenes
        scene = self.pen.pick(scenes[desk.office.network])
        return self.pen.story(scene, mood, [desk.place for desk in desks])

    def _link(self, desk: _Desk, story: Story, published: int) -> _Link:
        pick, network = self.pen.pick, desk.office.network
        by_office = self.random() >= _WITHOUT_OFFICE
        reply, replied = None, None
        if self.random() < desk.answered:
            day = published + int(pick(_REPLY_DAYS) * desk.pace)
            if day <= _SPAN:
                reply, replied = self.pen.reply(desk.place, story, by_office=by_office), day
        scene = story.scene if desk.place is story.place else pick(self.scenes[network])
        office = desk.office.name if by_office else None
        return _Link(network, office, pick(scene.channels), reply, replied)


def _structures(
    first: _Link, second: _Link = _NO_LINK, third: _Link = _NO_LINK
) -> dict[str, str | None]:
    """The columns of the structures concerned."""
    return {
        "intitule_typologie_1": first.network,
        "intitule_typologie_2": second.network,
        "intitule_typologie_3": third.network,
        "intitule_structure_1": first.office,
        "intitule_structure_2": second.office,
        "intitule_structure_3": third.office,
        "canaux_typologie_1": first.channels,
        "canaux_typologie_2": second.channels,
        "canaux_typologie_3": third.channels,
        "reponse_structure_1": first.reply,
        "reponse_structure_2": second.reply,
        "reponse_structure_3": third.reply,
    }
