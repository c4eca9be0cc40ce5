"""One entry of the national directory, turned into what is stored of an office.

In bulk, nested fields are arrays; through the directory's API they are the same as JSON in a
string. Who works there (`affectation_personne`) is never read.
"""

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias

import orjson

from jobs.reference import Reference
from models.office import on_sphere
from models.text import clean, words

_SEAT = re.compile(r"\bsiège\b", re.IGNORECASE)
_CHILD = "Service Fils"

_Box: TypeAlias = tuple[tuple[float, float], tuple[float, float]]
"""Latitudes from south to north, longitudes from west to east."""

_METROPOLE: _Box = ((41.0, 51.6), (-5.6, 9.8))
_OVERSEAS: dict[str, _Box] = {
    "971": ((15.8, 18.2), (-63.2, -60.9)),  # Saint-Barthélemy, Saint-Martin: some have its code
    "972": ((14.3, 15.0), (-61.3, -60.7)),
    "973": ((2.0, 6.0), (-54.7, -51.5)),
    "974": ((-21.5, -20.8), (55.1, 55.9)),
    "975": ((46.7, 47.2), (-56.5, -56.0)),
    "976": ((-13.1, -12.5), (44.9, 45.4)),
    "977": ((17.8, 18.0), (-63.0, -62.7)),
    "978": ((18.0, 18.2), (-63.2, -62.9)),
    "984": ((-67.0, -11.0), (39.0, 143.0)),
    "986": ((-14.5, -13.0), (-178.5, -176.0)),
    "987": ((-28.0, -7.5), (-155.0, -134.0)),
    "988": ((-23.0, -18.0), (158.0, 172.5)),
    "989": ((10.2, 10.4), (-109.4, -109.0)),
}
_SIZES = {"name": 512, "directory_id": 64, "pivot_code": 64, "commune_code": 8, "address": 1024}
_SIZES |= {"postal_code": 16, "city": 255, "phone": 64, "email": 255, "website": 1024}
_SEARCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that is not imported, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An office: its columns, and what is needed to place it under another."""

    directory_id: str
    values: dict[str, Any]
    warnings: list[str] = field(default_factory=list)
    children: tuple[str, ...] = ()
    body: tuple[int, str] = (0, "")
    """The network, and the name before the dash: offices of one body share it."""
    is_seat: bool = False
    line: int = 0

    def placed(self, line: int) -> "Entry":
        """The same, read on `line`, without what was only needed to store it."""
        return replace(self, values={"type_id": self.values["type_id"]}, warnings=[], line=line)


class Place(NamedTuple):
    """Coordinates, or none."""

    latitude: float | None = None
    longitude: float | None = None


def parse(received: dict[str, Any], reference: Reference) -> Entry | Skipped:
    """The office that an entry is about."""
    warnings: list[str] = []
    directory_id, name = _text(received.get("id")), _text(received.get("nom"))
    if not directory_id or not name:
        return Skipped(f"{'nom' if directory_id else 'id'}: missing")
    types = [_text(pivot.get("type_service_local")) for pivot in _list(received.get("pivot"))]
    kind = next((kind for kind in types if kind in reference.types), None)
    if kind is None:
        first = next(filter(None, types), None)
        return Skipped(f"pivot: type {first[:64]!r} is of no network" if first else "pivot: none")
    address = next(iter(_list(received.get("adresse"))), {})
    commune = _text(received.get("code_insee_commune"))
    department = _department(commune, reference, warnings)
    values: dict[str, Any] = {
        "directory_id": directory_id,
        "name": name,
        "pivot_code": _text(received.get("ancien_code_pivot")),
        "commune_code": commune,
        "address": _joined(address, "complement1", "complement2", "numero_voie"),
        "postal_code": _text(address.get("code_postal")),
        "city": _text(address.get("nom_commune")),
        "phone": _first(received.get("telephone")),
        "email": _first(received.get("adresse_courriel")),
        "website": _first(received.get("site_internet")),
    }
    for column, size in _SIZES.items():
        if len(values[column] or "") > size:
            if column in {"directory_id", "name"}:
                return Skipped(f"{column}: longer than {size} characters")
            values[column] = None
            warnings.append(f"{column}: longer than {size} characters, left out")
    place = _place(address, department, warnings)
    values |= {
        "type_id": kind,
        "network_id": reference.types[kind],
        "department_id": department,
        **place._asdict(),
        **_on_sphere(place),
    }
    values["search"] = _search(name, values["city"], values["postal_code"])
    values["fingerprint"] = hashlib.sha256(
        orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
    ).hexdigest()
    return Entry(
        directory_id=directory_id,
        values=values,
        warnings=warnings,
        children=_children(received),
        body=(reference.types[kind], name.partition(" - ")[0]),
        is_seat=bool(_SEAT.search(name.partition(" - ")[2])),
    )


def _decoded(value: Any) -> list[Any]:
    """The items of a nested field: an array, one item, or either as JSON in a string."""
    if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"}:
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return []
    return value if isinstance(value, list) else [value]


def _list(value: Any) -> list[dict[str, Any]]:
    return [item for item in _decoded(value) if isinstance(item, dict)]


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return clean(str(value)) or None


def _first(value: Any) -> str | None:
    """The first of a list of texts, or of objects that hold one in `valeur`."""
    items = (item.get("valeur") if isinstance(item, dict) else item for item in _decoded(value))
    return next((text for text in map(_text, items) if text), None)


def _joined(address: dict[str, Any], *names: str) -> str | None:
    return ", ".join(filter(None, (_text(address.get(name)) for name in names))) or None


def _department(commune: str | None, reference: Reference, warnings: list[str]) -> str | None:
    if not commune:
        warnings.append("code_insee_commune: missing, the office has no department")
        return None
    code = commune[:3] if commune[:2] in {"97", "98"} else commune[:2].upper()
    if code not in reference.departments:
        warnings.append(f"code_insee_commune: no department {code!r}")
        return None
    return code


def _place(address: dict[str, Any], department: str | None, warnings: list[str]) -> Place:
    """Where the office is. Some lists have latitude and longitude the wrong way round."""
    latitude, longitude = (_number(address.get(name)) for name in ("latitude", "longitude"))
    if latitude is None or longitude is None:
        warnings.append("adresse: no coordinates")
        return Place()
    try:
        place = Place(float(latitude), float(longitude))
    except ValueError:
        warnings.append("adresse: coordinates are not numbers, left out")
        return Place()
    boxes = _boxes(department)
    if _in(boxes, place):
        return place
    if _in(boxes, swapped := Place(*reversed(place))):
        warnings.append("adresse: latitude and longitude were swapped, put right")
        return swapped
    warnings.append("adresse: coordinates are not where the department is, left out")
    return Place()


def _number(value: Any) -> str | None:
    return str(value) if isinstance(value, float) else _text(value)


def _boxes(department: str | None) -> list[_Box]:
    """Where an office of `department` may be; anywhere in France when that is not known."""
    if department is None:
        return [_METROPOLE, *_OVERSEAS.values()]
    return [_OVERSEAS.get(department, _METROPOLE)]


def _in(boxes: list[_Box], place: Place) -> bool:
    latitude, longitude = place.latitude or 0.0, place.longitude or 0.0
    return any(
        south <= latitude <= north and west <= longitude <= east
        for (south, north), (west, east) in boxes
    )


def _on_sphere(place: Place) -> dict[str, float | None]:
    if place.latitude is None or place.longitude is None:
        return {"x": None, "y": None, "z": None}
    return dict(zip("xyz", on_sphere(place.latitude, place.longitude), strict=True))


def _search(*texts: str | None) -> str:
    found = " ".join(word for text in texts if text for word in words(text))
    return f" {found}"[:_SEARCH_SIZE]


def _children(received: dict[str, Any]) -> tuple[str, ...]:
    links = _list(received.get("hierarchie"))
    below = (_text(link.get("service")) for link in links if link.get("type_hierarchie") == _CHILD)
    return tuple(filter(None, below))
