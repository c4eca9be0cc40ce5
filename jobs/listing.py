"""One entry of the national directory, turned into what is stored of an office.

In bulk, nested fields are arrays; through the directory's API they are the same as JSON in a
string. Who works there (`affectation_personne`) is never read.
"""

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import orjson

from jobs.reference import Reference
from models.office import on_sphere
from models.text import clean, words

_SEAT = re.compile(r"\bsiège\b", re.IGNORECASE)
_CHILD = "Service Fils"
_METROPOLE = ((41.0, 51.6), (-5.6, 9.8))
_FRANCE = ((-28.5, 51.6), (-180.0, 180.0))
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

    def placed(self) -> "Entry":
        """The same without what was only needed to store it."""
        return replace(self, values={"type_id": self.values["type_id"]}, warnings=[])


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
    types = [str(pivot.get("type_service_local")) for pivot in _list(received.get("pivot"))]
    kind = next((kind for kind in types if kind in reference.types), None)
    if kind is None:
        return Skipped(
            f"pivot: type {types[0][:64]!r} is of no network" if types else "pivot: none"
        )
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


def _list(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            value = []
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return clean(str(value)) or None if isinstance(value, str | int) else None


def _first(value: Any) -> str | None:
    """The first of a list of texts, or of objects that hold one in `valeur`."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return None
    items = value if isinstance(value, list) else [value]
    texts = (item.get("valeur") if isinstance(item, dict) else item for item in items)
    return next((text for text in map(_text, texts) if text), None)


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
    try:
        latitude, longitude = (
            float(address.get(f"{axis}itude") or "nan") for axis in ("lat", "long")
        )
    except (TypeError, ValueError):
        warnings.append("adresse: coordinates are not numbers, left out")
        return Place()
    if latitude != latitude or longitude != longitude:  # noqa: PLR0124  (not a number: empty)
        warnings.append("adresse: no coordinates")
        return Place()
    overseas = department is None or len(department) > 2
    box = _FRANCE if overseas else _METROPOLE
    if _in(box, latitude, longitude):
        return Place(latitude, longitude)
    if _in(box, longitude, latitude):
        warnings.append("adresse: latitude and longitude were swapped, put right")
        return Place(longitude, latitude)
    warnings.append("adresse: coordinates are not in France, left out")
    return Place()


def _in(box: tuple[tuple[float, float], ...], latitude: float, longitude: float) -> bool:
    (south, north), (west, east) = box
    return south <= latitude <= north and west <= longitude <= east


def _on_sphere(place: Place) -> dict[str, float | None]:
    if place.latitude is None or place.longitude is None:
        return {"x": None, "y": None, "z": None}
    return dict(zip("xyz", on_sphere(place.latitude, place.longitude), strict=True))


def _search(*texts: str | None) -> str:
    found = " ".join(word for text in texts if text for word in words(text))
    return f" {found}"[:_SEARCH_SIZE]


def _children(received: dict[str, Any]) -> tuple[str, ...]:
    links = _list(received.get("hierarchie"))
    return tuple(
        str(link.get("service")) for link in links if link.get("type_hierarchie") == _CHILD
    )
