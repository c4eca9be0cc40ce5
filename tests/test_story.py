"""A day with the demo: 6,140 real offices, 20,000 made reviews, three people."""

from argparse import Namespace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from jobs import demonstration, directory, procedures, reviews
from models.office import Office
from models.review import Review
from models.text import clean
from tests.client import Client

MADE = Namespace(reviews=20_000, seed=1, until=demonstration.UNTIL)
INBOX = """query ($where: ReviewFilter, $first: Int) {
  reviews(where: $where, first: $first) {
    totalCount totalCountCapped
    nodes { sourceId title description sentiment publishedAt
      structures { position answered network { name } office { name } reply { body } } } } }"""
UNANSWERED = {"answered": False, "sentiments": ["NEGATIVE"]}
POLARITIES = {"Positif": "POSITIVE", "Neutre": "NEUTRAL", "Négatif": "NEGATIVE"}
CAF, GENDARMERIE = "Caisse d'Allocations Familiales", "Gendarmerie nationale"

pytestmark = pytest.mark.xdist_group("story")
EXPORT: list[dict[str, Any]] = []


async def demo() -> None:
    """Everything that `make serve` loads, through the importers; the export is kept to compare."""
    await directory.load(demonstration.OFFICES)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "demo.json"
        demonstration.write(path, await demonstration.demo_offices(), MADE)
        EXPORT[:] = orjson.loads(path.read_bytes())
        summary = await reviews.load(path, path.with_suffix(".rejects.csv"))
        await procedures.load(demonstration.PROCEDURES, path.with_suffix(".none"))
    assert (summary.new, summary.rejected) == (20_000, 0)
    await demonstration.name_procedures()
    await demonstration.people()


@cache
def in_the_rhone(name: str) -> bool:
    """Whether an office is the seat of the Caf of the Rhône, or below it."""
    return name.startswith("Caisse d'allocations familiales (Caf) du Rhône - ")


def parts(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The structures of an exported experience, as the API shows them."""
    return [
        {
            "position": n,
            "answered": bool(record[f"reponse_structure_{n}"]),
            "network": {"name": record[f"intitule_typologie_{n}"]},
            "office": (name := record[f"intitule_structure_{n}"]) and {"name": name},
            "reply": (body := record[f"reponse_structure_{n}"]) and {"body": clean(body)},
        }
        for n in (1, 2, 3)
        if record[f"intitule_typologie_{n}"]
    ]


def shown(record: dict[str, Any]) -> dict[str, Any]:
    """An exported experience, as the API shows it."""
    day = datetime.fromisoformat(record["date_de_publication"])
    return {
        "sourceId": str(record["id_experience"]),
        "title": clean(record["titre"]),
        "description": clean(record["description"]),
        "sentiment": POLARITIES[record["ressenti_usager"]],
        "publishedAt": day.replace(tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC).isoformat(),
        "structures": parts(record),
    }


def inbox(concerns: Any, first: int) -> dict[str, Any]:
    """The whole answer to INBOX, worked out from the export by itself."""
    found = [
        shown(record)
        for record in reversed(EXPORT)
        if record["ressenti_usager"] == "Négatif"
        and any(concerns(part) and not part["answered"] for part in parts(record))
    ]
    # The importer numbers reviews in the order of the file: the later one comes first.
    found.sort(key=lambda review: review["publishedAt"], reverse=True)
    return {
        "reviews": {
            "totalCount": len(found),
            "totalCountCapped": False,
            "nodes": found[:first],
        }
    }


def of_the_rhone(part: dict[str, Any]) -> bool:
    return part["network"]["name"] == CAF and in_the_rhone((part["office"] or {"name": ""})["name"])


def of_the_gendarmerie(part: dict[str, Any]) -> bool:
    return bool(part["network"]["name"] == GENDARMERIE)


@pytest.mark.filled(by=demo)
async def test_each_of_the_three_sees_their_own_and_the_agent_answers(api: Client) -> None:
    mine = await api.data("demo-caf", INBOX, where=UNANSWERED, first=100)
    network = await api.data("demo-gendarmerie", INBOX, where=UNANSWERED, first=100)
    analyst = await api.data("demo-analyst", INBOX, where=UNANSWERED, first=100)

    assert mine == inbox(of_the_rhone, 100)
    assert network == inbox(of_the_gendarmerie, 100)
    assert analyst["reviews"] == {"totalCount": 0, "totalCountCapped": False, "nodes": []}
    assert mine["reviews"]["totalCount"] > 10

    structure = await unanswered_structure(api)
    reply = """mutation ($id: ID!) { reviewReply(id: $id, body: "Bonjour, nous regardons.") {
      userErrors { code } structure { answered reply { body } } } }"""
    done = await api.data("demo-caf", reply, id=structure)
    after = await api.data("demo-caf", INBOX, where=UNANSWERED, first=100)
    answered = await api.data("demo-caf", INBOX, where={"answered": True}, first=100)

    told = {"answered": True, "reply": {"body": "Bonjour, nous regardons."}}
    assert done["reviewReply"] == {"userErrors": [], "structure": told}
    total = mine["reviews"]["totalCount"] - 1
    assert after["reviews"]["totalCount"] == total
    assert after["reviews"]["nodes"] == mine["reviews"]["nodes"][1:100][:total] + (
        after["reviews"]["nodes"][99:] if total >= 100 else []
    )
    first = mine["reviews"]["nodes"][0]["sourceId"]
    assert first in [node["sourceId"] for node in answered["reviews"]["nodes"]]


async def unanswered_structure(api: Client) -> str:
    """The id of the agent's own part of the first item in their inbox."""
    query = """query ($where: ReviewFilter) { reviews(where: $where, first: 1) { nodes {
      structures { id answered network { name } office { name } } } } }"""
    data = await api.data("demo-caf", query, where=UNANSWERED)
    structures = data["reviews"]["nodes"][0]["structures"]
    mine = (one for one in structures if of_the_rhone(one) and not one["answered"])
    return str(next(mine)["id"])


@pytest.mark.filled(by=demo)
@pytest.mark.usefixtures("world")
async def test_the_demo_is_loaded_whole_and_placed() -> None:
    assert await Office.all().count() == 6_140
    assert await Review.all().count() == 20_000
    assert await Review.filter(procedure__code="demo-apl").count() > 500
    assert await Office.filter(parent_id__not_isnull=True).count() > 1_000
