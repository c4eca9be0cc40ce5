"""One experience of the open-data export, turned into what is stored of a review.

The export is JSON with the names of its API, or CSV with accented ones; both are read alike.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from jobs.files import ROW
from jobs.reference import Reference, name_key
from models.review import Axis, Channel, Sentiment
from models.text import clean, fold, search_terms

PARIS = ZoneInfo("Europe/Paris")
MAX_TITLE = 1_000
MAX_DESCRIPTION = 100_000
MAX_REPLY = 100_000
MAX_STRUCTURES = 3
SHORT = 255
MAX_SEARCH = 130_000
"""Characters of terms to be found by: PostgreSQL takes 1 MB of them, whatever the alphabet."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No user was asked for an experience before."""

_ALIASES = {
    "id": "id_experience",
    "etat_de_l_experience": "etat_experience",
    "etat_de_lexperience": "etat_experience",
    "tags_generaux_accessibilite": "accessibilite",
    "tags_generaux_informationexplication": "information_explication",
    "tags_generaux_information_explication": "information_explication",
    "tags_generaux_relation": "relation",
    "tags_generaux_reactivite": "reactivite",
    "tags_generaux_simplicite": "simplicite",
    "tags_generaux_simplicitecomplexite": "simplicite",
    "tags_generaux_simplicite_complexite": "simplicite",
}
_SENTIMENTS = {
    "positif": Sentiment.POSITIVE,
    "neutre": Sentiment.NEUTRAL,
    "negatif": Sentiment.NEGATIVE,
}
AXES = {
    Axis.ACCESSIBILITY: "accessibilite",
    Axis.INFORMATION: "information_explication",
    Axis.RELATION: "relation",
    Axis.RESPONSIVENESS: "reactivite",
    Axis.SIMPLICITY: "simplicite",
}
_CHANNELS = {
    "guichet": Channel.COUNTER,
    "accueil": Channel.COUNTER,
    "telephone": Channel.PHONE,
    "internet": Channel.ONLINE,
    "en ligne": Channel.ONLINE,
    "site": Channel.ONLINE,
    "courriel": Channel.EMAIL,
    "mail": Channel.EMAIL,
    "courrier": Channel.MAIL,
    "application": Channel.APP,
}
_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
_LONGEST_DATE = 40
_DIGITS = re.compile(r"\d{1,18}", re.ASCII)


class Rejected(Exception):
    """A row that can't be imported: which field, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")


@dataclass(slots=True)
class Part:
    """One of the structures that a review concerns."""

    network: int
    name: str | None
    channels: int
    reply: str | None
    answered: bool


@dataclass(slots=True)
class Experience:
    """A review and its parts, cleaned, and as they were received."""

    source_id: str
    columns: dict[str, Any]
    parts: list[Part]
    replied_at: datetime | None
    postal_code: str | None
    received: str
    fingerprint: str


@lru_cache(maxsize=1024)
def field_name(header: str) -> str:
    """The name of a field in the export's API, from that or from the CSV's."""
    name = plain_name(header)
    return _ALIASES.get(name, name)


def plain_name(header: str) -> str:
    """A header in the way the export's API names fields: `Date de mise à jour` too."""
    return re.sub(r"[^a-z0-9]+", "_", fold(header)).strip("_")


def parse(record: dict[str, Any], reference: Reference, now: datetime) -> Experience:
    """The experience in `record`. Raises Rejected."""
    received = _kept(record)
    fields = {field_name(name): value for name, value in record.items()}
    published_at = _moment(fields, "date_de_publication", now)
    if published_at is None:
        raise Rejected("date_de_publication", "missing")
    written_on = _moment(fields, "ecrit_le", now)
    title = _text(fields, "titre", MAX_TITLE) or ""
    description = _text(fields, "description", MAX_DESCRIPTION) or ""
    if not title and not description:
        raise Rejected("description", "missing, and there is no title either")
    columns: dict[str, Any] = {
        "title": title,
        "description": description,
        "sentiment": _sentiment(fields, "ressenti_usager"),
        "written_on": written_on.astimezone(PARIS).date() if written_on else None,
        "published_at": published_at,
        "posted_as": _text(fields, "poste_comme", SHORT),
        "country": _text(fields, "pays", SHORT),
        "postal_code": _text(fields, "code_postal_usager", 16),
        "improvement": _text(fields, "amelioration_de_service_a_considerer", SHORT),
        "action": _text(fields, "action", MAX_DESCRIPTION),
        **{axis.name.lower(): _sentiment(fields, name) for axis, name in AXES.items()},
        "search": " ".join(search_terms(f"{title} {description}"))[:MAX_SEARCH],
    }
    if columns["sentiment"] is None:
        raise Rejected("ressenti_usager", "missing")
    return Experience(
        source_id=_source_id(fields),
        columns=columns,
        parts=_parts(fields, reference),
        replied_at=_moment(fields, "date_de_premiere_reponse", now),
        postal_code=columns["postal_code"],
        received=received.decode(),
        fingerprint=hashlib.blake2b(received, digest_size=16).hexdigest(),
    )


def _kept(record: dict[str, Any]) -> bytes:
    """`record` as it is kept. Raises Rejected for what JSON can't say in Unicode."""
    if isinstance(record.get(ROW), list):
        raise Rejected("row", f"has {len(record[ROW])} fields, more or fewer than the names")
    try:
        return orjson.dumps(record)
    except TypeError as error:
        raise Rejected(_at_fault(record), f"can't be kept ({error})") from None


def _at_fault(record: dict[str, Any]) -> str:
    for name, value in record.items():
        try:
            orjson.dumps({name: value})
        except TypeError:
            return field_name(name) or "row"
    return "row"


def _source_id(fields: dict[str, Any]) -> str:
    value = fields.get("id_experience")
    text = str(value).strip() if isinstance(value, str | int) else ""
    number = int(text) if _DIGITS.fullmatch(text) else 0
    if not number:
        raise Rejected("id_experience", "missing, or not a positive integer")
    return str(number)


def _text(fields: dict[str, Any], name: str, size: int) -> str | None:
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Rejected(name, "is not a text")
    text = clean(str(value))
    if len(text) > size:
        raise Rejected(name, f"longer than {size} characters")
    return text or None


def _sentiment(fields: dict[str, Any], name: str) -> Sentiment | None:
    value = fields.get(name)
    if value is None or value == "":
        return None
    found = _SENTIMENTS.get(fold(str(value)).strip())
    if found is None:
        raise Rejected(name, f"{str(value)[:40]!r} is none of Positif, Neutre, Négatif")
    return found


def _moment(fields: dict[str, Any], name: str, now: datetime) -> datetime | None:
    """A point in time; a day alone stands for its beginning in Paris."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    short = isinstance(value, str) and len(value) <= _LONGEST_DATE
    found = _parsed(value) if short else None
    if found is None:
        raise Rejected(name, f"{str(value)[:40]!r} is not a date")
    if found > now + timedelta(days=1):
        raise Rejected(name, f"{value} is in the future")
    if found < EARLIEST:
        raise Rejected(name, f"{value} is before {EARLIEST.year}")
    return found


@lru_cache(maxsize=8192)
def _parsed(value: str) -> datetime | None:
    day = _DAY.fullmatch(value.strip())
    try:
        if day:
            found = datetime.combine(date(*map(int, reversed(day.groups()))), time())
        else:
            found = datetime.fromisoformat(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=PARIS)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _parts(fields: dict[str, Any], reference: Reference) -> list[Part]:
    parts = []
    for n in range(1, MAX_STRUCTURES + 1):
        name = _text(fields, f"intitule_typologie_{n}", SHORT)
        if name is None:
            continue
        network = reference.networks.get(name_key(name)) or reference.networks.get(name)
        if network is None:
            raise Rejected(f"intitule_typologie_{n}", f"no network is called {name[:80]!r}")
        reply = _text(fields, f"reponse_structure_{n}", MAX_REPLY)
        parts.append(
            Part(
                network=network,
                name=_text(fields, f"intitule_structure_{n}", 512),
                channels=_channels(_text(fields, f"canaux_typologie_{n}", MAX_TITLE) or ""),
                reply=reply,
                answered=reply is not None,
            )
        )
    if not parts:
        raise Rejected("intitule_typologie_1", "missing: no structure is concerned")
    # "Traitée" without the text of any reply: answered all the same, elsewhere.
    if not any(part.answered for part in parts) and _treated(fields):
        for part in parts:
            part.answered = True
    return parts


def _treated(fields: dict[str, Any]) -> bool:
    return fold(str(fields.get("etat_experience") or "")).strip() == "traitee"


@lru_cache(maxsize=1024)
def _channels(value: str) -> int:
    found = 0
    for name in filter(None, (fold(part).strip() for part in value.split(","))):
        found |= next((code for word, code in _CHANNELS.items() if word in name), Channel.OTHER)
    return found
