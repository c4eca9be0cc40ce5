"""The barometer, the pilot of Vox usagers in it, and what the platform publishes beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs import indicators
from jobs.reviews import load
from models import ids
from models.account import Role
from models.indicator import Indicator, IndicatorResult
from models.office import Office
from models.sql import database
from settings import Settings
from tests import factories as make
from tests.client import Client, beside
from tests.test_commands import Environ, run
from tests.test_commands import environ as environ  # noqa: PLC0414  (a fixture)
from tests.test_import_reviews import experience
from tests.test_statistics import rounded, told

INDICATORS = [
    {"code_indicateur": "IND-27", "titre_original_de_l_indicateur": "Satisfaction", "unite": "%"},
    {"code_indicateur": "BARO", "titre": "Baromètre annuel", "source": "Étude", "unite": "%"},
]
RESULT = {
    "code_indicateur": "IND-27",
    "typologie": "Caisse d'allocations familiales",
    "code_structure": "caf-69",
    "valeur": 81.5,
    "date_de_mise_a_jour": "2026-03-01",
}


def reference(year: int, value: float) -> dict[str, Any]:
    """The yearly study, for the whole country."""
    return {"code_indicateur": "BARO", "valeur": value, "date_de_mise_a_jour": f"{year}-12-15"}


def written(folder: Path, name: str, records: list[dict[str, Any]]) -> Path:
    (folder / name).write_text(json.dumps(records), encoding="utf-8")
    return folder / name


async def test_the_pilot_of_vox_usagers_gives_its_own_figures(
    api: Client, config: Settings, tmp_path: Path
) -> None:
    """263 reviews were published, of which 85% positive."""
    told = [
        experience(number, ressenti_usager="Positif" if number <= 224 else "Négatif")
        for number in range(1, 264)
    ]
    async with beside(config):
        await load(written(tmp_path, "vox.json", told), tmp_path / "rejects.csv")
    analyst = await make.person(Role.ANALYST)

    query = "{ barometer(from: 2025, to: 2025) { figures { count rate { value low high } } } }"
    country, network = (await api.data(analyst, query))["barometer"]

    assert rounded(country) == {
        "figures": {"count": 263, "rate": {"value": 0.8517, "low": 0.8037, "high": 0.8896}}
    }
    assert network == country


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("YEAR", [("2025-01-01", 40, None, 74.0), ("2026-01-01", 50, -15.0, 76.0)]),
        ("QUARTER", [("2025-01-01", 40, None, None), ("2026-01-01", 50, -15.0, None)]),
    ],
)
async def test_each_piece_is_compared_with_a_year_before_and_the_reference(
    api: Client,
    config: Settings,
    tmp_path: Path,
    by: str,
    expected: list[tuple[str, int, float | None, float | None]],
) -> None:
    async with beside(config):
        await indicators.load_indicators(written(tmp_path, "i.json", INDICATORS))
        results = [reference(2025, 74), reference(2026, 76)]
        await indicators.load_results(written(tmp_path, "r.json", results))
    office = await make.office()
    await told(office, 30, 0, 10, day=-300)
    await told(office, 30, 0, 20, day=40)

    query = (
        f'{{ barometer(from: 2025, to: 2026, by: {by}, reference: "BARO") {{ figures {{ from'
        " network { code } count change { points } } reference { value indicator { source } } } }"
    )
    points = (await api.data(await make.person(Role.ANALYST), query))["barometer"]
    country = [one for one in points if one["figures"]["network"] is None]
    network = [one for one in points if one["figures"]["network"] == {"code": "caf"}]

    assert [
        (
            one["figures"]["from"],
            one["figures"]["count"],
            one["figures"]["change"] and round(one["figures"]["change"]["points"], 6),
            one["reference"] and one["reference"]["value"],
        )
        for one in country
    ] == expected
    assert [one["figures"]["count"] for one in network] == [40, 50]
    assert all(one["reference"] is None for one in network)


async def test_a_barometer_is_of_what_one_may_count(api: Client) -> None:
    own = await make.office()
    await told(own, 1)
    await told(await make.office("police"), 2)
    agent = await make.person(Role.OFFICE_AGENT, office=own)

    query = "{ barometer(from: 2026, to: 2026) { figures { count network { code } } } }"
    points = (await api.data(agent, query))["barometer"]

    assert [one["figures"]["count"] for one in points] == [1, 1]


@pytest.mark.parametrize(
    "years", ["from: 2026, to: 2025", "from: 2010, to: 2026", "from: -1, to: 9"]
)
async def test_years_that_make_no_sense_are_refused(api: Client, years: str) -> None:
    query = f"{{ barometer({years}) {{ figures {{ count }} }} }}"
    answer = await api.ask(await make.person(Role.ANALYST), query)

    assert answer["errors"][0]["extensions"]["code"] == "BAD_PERIOD"


async def test_published_results_are_told_with_source_unit_and_day(
    api: Client, config: Settings, tmp_path: Path
) -> None:
    office = await make.office(name="Caf du Rhône")
    await Office.filter(id=office.id).update(pivot_code="caf-69")
    police = {"typologie": "Police nationale", "valeur": 60}
    rows = [RESULT, RESULT | {"valeur": "79,5 %", "code_structure": "x"}, RESULT | police]
    rows.append(reference(2026, 76))
    async with beside(config):
        await indicators.load_indicators(written(tmp_path, "i.json", INDICATORS))
        for _ in range(2):
            ended = await indicators.load_results(written(tmp_path, "r.json", rows))
    reader = await make.person(Role.READER, office=office)

    query = """query ($office: ID!) {
        all: publishedResults { totalCount nodes { value office { name } } }
        caf: publishedResults(where: {networks: ["caf"]}) { nodes { value } }
        own: publishedResults(where: {offices: [$office], networks: ["caf"]}) { nodes {
            value updatedOn file receivedCode network { code } office { name }
            indicator { code title source unit } } } }"""
    found = await api.data(reader, query, office=ids.encode("Office", office.id))

    assert ended == (4, [])
    assert found["all"]["totalCount"] == 4
    assert [one["value"] for one in found["all"]["nodes"]] == [76.0, 60.0, 79.5, 81.5]
    assert [one["value"] for one in found["caf"]["nodes"]] == [79.5, 81.5]
    assert found["own"]["nodes"] == [
        {
            "value": 81.5,
            "updatedOn": "2026-03-01",
            "file": "r.json",
            "receivedCode": "caf-69",
            "network": {"code": "caf"},
            "office": {"name": "Caf du Rhône"},
            "indicator": {
                "code": "IND-27",
                "title": "Satisfaction",
                "source": "",
                "unit": "%",
            },
        }
    ]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "fault",
    [
        {"valeur": "beaucoup"},
        {"valeur": "NaN"},
        {"valeur": None},
        {"date_de_mise_a_jour": "hier"},
        {"code_indicateur": "IND-0"},
        {"typologie": "Ministère de la magie"},
        {"code_structure": "x" * 256},
    ],
)
async def test_a_result_that_can_t_be_is_rejected_with_its_line(
    tmp_path: Path, fault: dict[str, Any]
) -> None:
    await indicators.load_indicators(written(tmp_path, "i.json", INDICATORS))

    taken, rejected = await indicators.load_results(
        written(tmp_path, "r.json", [RESULT, RESULT | fault])
    )

    assert (taken, [line for line, _ in rejected]) == (1, [1])
    assert await IndicatorResult.all().count() == 1


@pytest.mark.usefixtures("world")
async def test_a_csv_with_accented_names_is_read_alike(tmp_path: Path) -> None:
    await indicators.load_indicators(written(tmp_path, "i.json", INDICATORS))
    path = tmp_path / "r.csv"
    path.write_text(
        "\ufeffCode indicateur;Intitulé du réseau;Valeur;Date de mise à jour\n"
        "IND-27;Caisse d'allocations familiales;81,5;01/03/2026\n",
        encoding="utf-8",
    )

    assert await indicators.load_results(path) == (1, [])
    (result,) = await IndicatorResult.all().values("value", "indicator_id", "network_id")
    assert (result["value"], result["indicator_id"]) == (81.5, "IND-27")
    assert result["network_id"] is not None


@pytest.mark.usefixtures("world")
async def test_the_columns_are_those_of_the_platform_and_the_network_is_its_own(
    tmp_path: Path,
) -> None:
    """With names that public code which reads the open data asks for."""
    indicator = {
        "reseau": "Caisse d'allocations familiales",
        "code_sp_de_l_indicateur": "IND-27",
        "intitule_original_de_l_indicateur": "Taux de satisfaction des usagers",
        "intitule_usager_de_l_indicateur": "Satisfaction",
        "sources_et_methodes": "Enquête",
        "type_d_unite": "Pourcentage",
        "unite": "%",
    }
    result = {
        "code_sp_du_resultat": "RES-1",
        "intitule_du_reseau": "Caisse d'allocations familiales",
        "typologie": "Accueil de proximité",
        "intitule_de_la_structure": "Caf du Rhône",
        "code_sp_structure": "STR-69",
        "titre_original_de_l_indicateur": "Taux de satisfaction des usagers",
        "code_sp_de_l_indicateur": "IND-27",
        "valeur": 81.5,
        "date_de_mise_a_jour": "2026-03-01",
    }
    by_kind = {"intitule_du_reseau": None, "typologie": "Police nationale"}

    known = await indicators.load_indicators(written(tmp_path, "i.json", [indicator]))
    told = written(tmp_path, "r.json", [result, result | by_kind])
    taken = await indicators.load_results(told)

    assert (known, taken) == ((1, []), (2, []))
    found = await Indicator.get(code="IND-27").values("title", "method", "unit")
    title = "Taux de satisfaction des usagers"
    assert found == {"title": title, "method": "Enquête", "unit": "%"}
    rows = await IndicatorResult.all().order_by("id").values("network__code", "received_code")
    assert rows == [
        {"network__code": "caf", "received_code": "STR-69"},
        {"network__code": "police", "received_code": "STR-69"},
    ]


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_a_file_without_a_column_is_refused_whole_with_those_it_has(
    environ: Environ, config: Settings, tmp_path: Path
) -> None:
    async with database(config.tortoise(system=True)):
        await indicators.load_indicators(written(tmp_path, "i.json", INDICATORS))
        await indicators.load_results(written(tmp_path, "r.json", [RESULT]))
    path = tmp_path / "other.csv"
    path.write_text("Code indicateur;Mesure;Jour\nIND-27;81,5;01/03/2026\n", encoding="utf-8")

    code, _, said = run(environ, "jobs", "import-results", str(path))

    wanted = (
        "no column for updated_on: date_de_mise_a_jour; there are code_indicateur, jour, mesure"
    )
    assert (code, wanted in said) == (3, True), said
    async with database(config.tortoise(system=True)):
        assert await IndicatorResult.all().count() == 1


@pytest.mark.usefixtures("world")
async def test_json_may_leave_out_what_a_record_has_nothing_of(tmp_path: Path) -> None:
    await indicators.load_indicators(written(tmp_path, "i.json", INDICATORS))
    bare = {name: value for name, value in RESULT.items() if name != "valeur"}

    taken, rejected = await indicators.load_results(written(tmp_path, "r.json", [bare, RESULT]))

    assert (taken, [line for line, _ in rejected]) == (1, [1])


def test_what_columns_may_be_called_is_written_down() -> None:
    said = Path("docs/indicators.md").read_text(encoding="utf-8")

    for columns in (indicators.INDICATORS, indicators.RESULTS):
        for name, called in columns.items():
            assert f"| `{name}` | {', '.join(f'`{one}`' for one in called)} |" in said


async def test_a_result_of_a_structure_that_is_not_known_is_not_that_of_the_country(
    api: Client, config: Settings, tmp_path: Path
) -> None:
    async with beside(config):
        await indicators.load_indicators(written(tmp_path, "i.json", INDICATORS))
        local = reference(2026, 12) | {"code_structure": "STR-69"}
        await indicators.load_results(written(tmp_path, "r.json", [reference(2026, 76), local]))
    await told(await make.office(), 1)

    query = '{ barometer(from: 2026, to: 2026, reference: "BARO") { reference { value } } }'
    points = (await api.data(await make.person(Role.ANALYST), query))["barometer"]

    assert points == [{"reference": {"value": 76.0}}, {"reference": None}]
