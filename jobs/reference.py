"""Networks, types of offices, regions and departments, as packaged with the service."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from models.network import Department, Network, OfficeType, PublicationLevel, Region
from models.text import words

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Reference:
    """What the entries of an import may refer to."""

    networks: dict[str, int]
    """Key of each network, by `name_key` of its name and by its code."""
    types: dict[str, int]
    """Key of the network of each type of offices."""
    departments: frozenset[str]


def name_key(name: str) -> str:
    """What a name is known by, however its case, accents, dashes and apostrophes are written."""
    return " ".join(words(name))


async def load() -> Reference:
    """Bring the reference data up to what is packaged."""
    for row in _json("regions.json"):
        await Region.update_or_create(code=row["code"], defaults={"name": row["nom"]})
    for row in _json("departements.json"):
        values = {"name": row["nom"], "region_id": row["region"]}
        await Department.update_or_create(code=row["code"], defaults=values)
    for row in _csv("networks.csv"):
        values = {"name": row["name"], "level": PublicationLevel(row["level"])}
        await Network.update_or_create(code=row["code"], defaults=values)
    keys = dict(await Network.all().values_list("code", "id"))
    for row in _csv("office_types.csv"):
        values = {"name": row["name"], "network_id": keys[row["network"]]}
        await OfficeType.update_or_create(code=row["code"], defaults=values)
    return await known()


async def known() -> Reference:
    """The reference data as it is stored."""
    networks = await Network.all().values_list("code", "name", "id")
    return Reference(
        networks={name: key for code, title, key in networks for name in (code, name_key(title))},
        types=dict(await OfficeType.all().values_list("code", "network_id")),
        departments=frozenset(code for (code,) in await Department.all().values_list("code")),
    )


def _json(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads((DATA / name).read_bytes())
    return found


def _csv(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
