import io
import json
import tarfile
from argparse import ArgumentParser
from datetime import date
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from jobs import directory, files
from jobs.directory import Summary, load
from jobs.files import Unusable
from jobs.reference import DATA
from models.office import DirectoryFile, Office, on_sphere
from models.sql import Sql, fetch
from settings import Settings
from tests.test_files import ODD

pytestmark = pytest.mark.usefixtures("world")

PACKAGED = DATA / "annuaire-4-networks.tar.bz2"
LYON = {"latitude": "45.75", "longitude": "4.85", "nom_commune": "Lyon", "code_postal": "69003"}


def entry(number: int, name: str = "Caf du Rhône", **changes: Any) -> dict[str, Any]:
    """An entry as the directory publishes it."""
    return {
        "id": f"office-{number}",
        "nom": name,
        "ancien_code_pivot": f"caf-69000-{number:02}",
        "pivot": [{"type_service_local": "caf", "code_insee_commune": ["69123"]}],
        "code_insee_commune": "69123",
        "adresse": [{"complement1": "", "numero_voie": "67 bd Vivier-Merle", **LYON}],
        "telephone": [{"valeur": "04 72 68 00 00", "description": ""}],
        "adresse_courriel": ["accueil@example.fr"],
        "site_internet": [{"libelle": "", "valeur": "https://caf.example.fr"}],
        "hierarchie": [],
        "affectation_personne": [],
    } | changes


def kind(code: str) -> dict[str, Any]:
    return {"pivot": [{"type_service_local": code}]}


def above(*below: int) -> dict[str, Any]:
    links = [{"type_hierarchie": "Service Fils", "service": f"office-{n}"} for n in below]
    return {"hierarchie": [{"type_hierarchie": "Autre hiérarchie", "service": "x"}, *links]}


def at(latitude: Any, longitude: Any, commune: str = "69123") -> dict[str, Any]:
    place = {"latitude": latitude, "longitude": longitude}
    return {"code_insee_commune": commune, "adresse": [LYON | place]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "2026-11-02_031500-data.gouv_local.json"


def written(path: Path, *entries: Any) -> Path:
    return joined(path, *map(json.dumps, entries))


def joined(path: Path, *texts: str) -> Path:
    path.write_text("[" + ",\n".join(texts) + "]", encoding="utf-8")
    return path


async def imported(path: Path, *entries: Any, close_many: bool = False) -> Summary:
    return await load(written(path, *entries), close_many=close_many)


async def stored() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables that an import of the directory writes."""
    tables = ("office", "directory_file", "network", "office_type", "department", "region")
    return {
        table: [tuple(row) for row in await fetch(Sql(f"SELECT * FROM {table} ORDER BY 1"))]
        for table in tables
    }


async def tree() -> dict[str, str | None]:
    rows = Office.all().order_by("directory_id")
    pairs = await rows.values_list("directory_id", "parent__directory_id")
    return {child.removeprefix("office-"): parent and parent[7:] for child, parent in pairs}


def counted(summary: Summary) -> tuple[int, int, int, int]:
    return summary.new, summary.changed, summary.unchanged, summary.closed


async def test_an_office_is_stored_with_what_the_directory_says_of_it(path: Path) -> None:
    await imported(path, entry(1))

    office = dict((await Office.all().values())[0])
    kept = {name: office[name] for name in office if name not in {"id", "fingerprint", "file_id"}}
    assert tuple(kept.pop(axis) for axis in "xyz") == on_sphere(45.75, 4.85)
    assert kept.pop("network_id") == (await Office.get().prefetch_related("network")).network.id
    assert kept == {
        "directory_id": "office-1",
        "pivot_code": "caf-69000-01",
        "name": "Caf du Rhône",
        "type_id": "caf",
        "parent_id": None,
        "department_id": "69",
        "commune_code": "69123",
        "address": "67 bd Vivier-Merle",
        "postal_code": "69003",
        "city": "Lyon",
        "latitude": 45.75,
        "longitude": 4.85,
        "phone": "04 72 68 00 00",
        "email": "accueil@example.fr",
        "website": "https://caf.example.fr",
        "search": " caf du rhone lyon 69003",
        "closed_at": None,
    }


async def test_archive_its_file_and_plain_arrays_give_the_same_offices(path: Path) -> None:
    content = json.dumps({"service": [entry(1), entry(2)]}).encode()
    packed = path.with_name("2026-11-02-data.gouv_local.tar.bz2")
    with tarfile.open(packed, "w:bz2") as archive:
        member = tarfile.TarInfo(path.name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    inner = path.with_name("inner.json")
    inner.write_bytes(content)

    found = [counted(await load(form)) for form in (packed, inner)]

    assert [*found, counted(await imported(path, entry(1), entry(2)))] == [
        (2, 0, 0, 0),
        (0, 0, 2, 0),
        (0, 0, 2, 0),
    ]


async def test_nested_fields_may_be_json_in_a_string(path: Path) -> None:
    one = entry(1, **above(2))
    await imported(path, one, entry(2))
    texts = {name: json.dumps(value) for name, value in one.items() if isinstance(value, list)}
    before = await tree()

    summary = await imported(path, one | texts, entry(2))

    assert (counted(summary), await tree()) == ((0, 0, 2, 0), before)


SHA256 = sha256(f"[{json.dumps(entry(1))}]".encode()).hexdigest()


async def test_the_source_the_name_and_the_day_of_a_file_are_kept(path: Path) -> None:
    await imported(path, entry(1))

    (kept,) = await DirectoryFile.all().values(
        *("name", "published_on", "sha256", "source", "licence")
    )
    assert kept == {
        "name": "2026-11-02_031500-data.gouv_local.json",
        "published_on": date(2026, 11, 2),
        "sha256": SHA256,
        "source": "DILA, base de données locales de Service-Public",
        "licence": "Licence Ouverte 2.0",
    }


@pytest.mark.parametrize("name", ["annuaire.json", "2026-13-45.json", "\udce9.json"])
async def test_a_file_whose_name_tells_no_day_has_none(path: Path, name: str) -> None:
    await imported(path.with_name(name), entry(1))

    assert [file.published_on for file in await DirectoryFile.all()] == [None]


async def test_all_packaged_offices_are_imported_once_and_for_all() -> None:
    first = await load(PACKAGED)
    before = await stored()

    again = await load(PACKAGED)

    assert (counted(first), first.skipped.total()) == ((6140, 0, 0, 0), 0)
    assert (counted(again), await stored()) == ((0, 0, 6140, 0), before)


async def test_an_office_that_changed_is_updated_and_names_its_new_file(path: Path) -> None:
    await imported(path, entry(1), entry(2))

    summary = await imported(path, entry(1, "Caf de Lyon"), entry(2))

    changed, same = await Office.all().order_by("directory_id")
    assert counted(summary) == (0, 1, 1, 0)
    assert (changed.name, changed.search) == ("Caf de Lyon", " caf de lyon lyon 69003")
    assert await same.file != await changed.file


async def test_an_office_that_is_no_longer_listed_is_closed_until_it_is_again(path: Path) -> None:
    all_of_them = [entry(n) for n in range(10)]
    await imported(path, *all_of_them)

    closing = await imported(path, *all_of_them[1:])
    closed = [office.directory_id for office in await Office.filter(closed_at__isnull=False)]
    same = await imported(path, *all_of_them[1:])
    reopening = await imported(path, *all_of_them)

    assert closed == ["office-0"]
    assert [*map(counted, (closing, same, reopening))] == [
        (0, 0, 9, 1),
        (0, 0, 9, 0),
        (0, 1, 9, 0),
    ]
    assert not await Office.exists(closed_at__isnull=False)


async def test_types_that_a_file_does_not_speak_of_stay_open(path: Path) -> None:
    await imported(path, entry(1), entry(2, **kind("cpam")))

    assert counted(await imported(path, entry(1))) == (0, 0, 1, 0)


async def test_many_offices_close_only_when_that_is_asked_for(path: Path) -> None:
    await imported(path, *(entry(n) for n in range(1_200)))
    before = await stored()

    with pytest.raises(Unusable, match="1199 of 1200 known offices are not in it"):
        await imported(path, entry(0))
    after = await stored()
    summary = await imported(path, entry(0), close_many=True)

    assert after == before
    assert counted(summary) == (0, 0, 1, 1199)
    assert await Office.filter(closed_at=None).count() == 1


def test_the_command_says_when_many_closings_are_refused() -> None:
    parser = ArgumentParser()
    directory.arguments(parser)

    assert "let more than 20% of the known offices close" in parser.format_help()


async def test_offices_closed_before_do_not_make_many_closings_look_few(path: Path) -> None:
    await imported(path, *(entry(n) for n in range(10)))
    await imported(path, entry(0), entry(1), close_many=True)

    with pytest.raises(Unusable, match="1 of 2 known offices"):
        await imported(path, entry(0))


PERSON = {"fonction": "Directrice", "personne": {"nom": "Zyxwvut", "prenom": "Odile"}}


@pytest.mark.parametrize("people", [[PERSON], json.dumps([PERSON])])
async def test_who_works_in_an_office_is_nowhere_in_the_database(
    path: Path, config: Settings, people: Any
) -> None:
    await imported(path, entry(1, affectation_personne=people))

    assert "Zyxwvut" not in str(await stored())
    if config.database_url.startswith("sqlite"):
        file = Path(config.database_url.removeprefix("sqlite://"))
        kept = [one.read_bytes() for one in file.parent.glob(f"{file.name}*")]
        assert kept
        assert all(b"Zyxwvut" not in content for content in kept)


async def test_entries_of_other_types_are_counted_with_the_first_line(path: Path) -> None:
    mairie, nothing = kind("mairie"), entry(4, pivot=[])

    summary = await imported(path, entry(1), *(entry(n, **mairie) for n in (2, 3)), nothing)

    reasons = {"pivot: type 'mairie' is of no network": 2, "pivot: none": 1}
    assert (summary.new, dict(summary.skipped)) == (1, reasons)
    assert list(summary.first.values()) == [2, 4]
    assert list(summary.lines())[:2] == [
        "offices: 1 new, 0 changed, 0 unchanged, 0 closed; 3 entries skipped",
        "  skipped: pivot: type 'mairie' is of no network: 2 (first on line 2)",
    ]


async def test_the_first_entry_with_an_id_is_the_one_that_counts(path: Path) -> None:
    summary = await imported(path, entry(1, "Première"), entry(1, "Seconde"))

    assert dict(summary.skipped) == {"id: the same as an earlier entry's": 1}
    assert [office.name for office in await Office.all()] == ["Première"]


@pytest.mark.parametrize(
    ("received", "stored_at", "warning"),
    [
        (at("45.75", "4.85"), (45.75, 4.85), None),
        (at(45.75, 4.85), (45.75, 4.85), None),
        (at("4.85", "45.75"), (45.75, 4.85), "latitude and longitude were swapped, put right"),
        (at("55.5", "-21.1", "97411"), (-21.1, 55.5), "latitude and longitude were swapped, put r"),
        (at("45.2278", "-12.7806", "97611"), (-12.7806, 45.2278), "latitude and longitude were sw"),
        (at("-21.1", "55.5"), (None, None), "coordinates are not where the department is"),
        (at("48.853", "2.348", "97302"), (None, None), "coordinates are not where the department"),
        (at("0", "0"), (None, None), "coordinates are not where the department is"),
        (at("1e999", "4.85"), (None, None), "coordinates are not where the department is"),
        (at("nan", "4.85"), (None, None), "coordinates are not where the department is"),
        (at(10**400, 4), (None, None), "coordinates are not where the department is"),
        (at("nord", "est"), (None, None), "coordinates are not numbers"),
        (at("", "4.85"), (None, None), "no coordinates"),
        (at([], {}), (None, None), "no coordinates"),
        ({"adresse": []}, (None, None), "no coordinates"),
        ({"adresse": "[{"}, (None, None), "no coordinates"),
    ],
)
async def test_coordinates_are_kept_where_they_can_be_right(
    path: Path, received: dict[str, Any], stored_at: tuple[Any, Any], warning: str | None
) -> None:
    summary = await imported(path, entry(1, **received))

    office = await Office.get()
    assert (office.latitude, office.longitude) == stored_at
    assert (office.x is None) == (stored_at[0] is None)
    assert [said.startswith(f"adresse: {warning}") for said in summary.warnings] == (
        [True] if warning else []
    )


@pytest.mark.parametrize(
    ("commune", "department", "warning"),
    [
        ("2A004", "2A", None),
        ("2b033", "2B", None),
        ("97411", "974", None),
        ("98818", "988", None),
        ("99999", None, "code_insee_commune: no department '99'"),
        ("", None, "code_insee_commune: missing, the office has no department"),
        ([], None, "code_insee_commune: missing, the office has no department"),
    ],
)
async def test_the_department_is_that_of_the_commune(
    path: Path, commune: Any, department: str | None, warning: str | None
) -> None:
    summary = await imported(path, entry(1, code_insee_commune=commune, adresse=[]))

    assert (await Office.get()).department_id == department
    assert (warning in summary.warnings) == (warning is not None)


async def test_an_office_stands_above_those_that_it_lists_as_its_own(path: Path) -> None:
    await imported(path, entry(1, **above(2, 4, 9)), entry(2, **above(3)), entry(3), entry(4))
    first = await tree()
    await imported(path, entry(1, **above(3)), entry(2), entry(3), entry(4))

    assert first == {"1": None, "2": "1", "3": "2", "4": "1"}
    assert await tree() == {"1": None, "2": None, "3": "1", "4": None}


async def test_no_office_stands_above_itself(path: Path) -> None:
    ring = [entry(n, **above(n % 5 + 1)) for n in range(1, 6)]
    summary = await imported(path, entry(6, **above(6)), *ring)

    found = await tree()
    for start in found:
        at: str | None = start
        for _ in found:
            at = found[at] if at else None
        assert at is None
    reason = "hierarchie: an office is under itself, or too deep, placed nowhere"
    assert summary.warnings[reason] == 2


SEAT = "Caf du Rhône - siège de Lyon"


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ((SEAT, "Caf du Rhône - Bron", "Caf de l'Ain - Belley"), [None, "1", None]),
        ((SEAT, "Caf du Rhône - Siège 2", "Caf du Rhône - Bron"), [None, None, None]),
        (("Caf du Rhône - Bron", SEAT, "Caf du Rhône"), ["2", None, "2"]),
        (("Siège social - siège", "Siège social - Bron"), [None, "1"]),
    ],
)
async def test_the_one_seat_of_a_body_stands_above_its_other_offices(
    path: Path, names: tuple[str, ...], found: list[str | None]
) -> None:
    await imported(path, *(entry(n, name) for n, name in enumerate(names, 1)))

    assert list((await tree()).values()) == found


async def test_what_an_office_lists_as_its_own_goes_before_the_seat(path: Path) -> None:
    await imported(
        path,
        entry(1, SEAT),
        entry(2, "Caf du Rhône - Bron", **above(3)),
        entry(3, "Caf du Rhône - Vénissieux"),
    )

    assert await tree() == {"1": None, "2": "1", "3": "2"}


GOOD = json.dumps([entry(1), entry(2)]).encode()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("cut.json", GOOD[:-50], ", line 1: the file ends too early"),
        ("open.json", GOOD[:-1], ", line 1: the file ends too early"),
        ("latin.json", b'[\n{"nom": "Rh\xf4ne"}]', ", line 2: the file is not UTF-8"),
        ("page.json", b"<html></html>", ", line 1: an array of objects must come first"),
        ("empty.json", b"", ", line 1: the file ends too early"),
        ("none.json", b"[]", ": it lists no office of a known type; nothing was imported"),
        ("nowhere.json", None, ": there is no such file"),
        ("..", None, ": Is a directory"),
        ("page.tar.bz2", b"<html></html>", ": the archive is truncated or damaged"),
        ("empty.tar.bz2", b"", ": the archive is truncated or damaged"),
        ("cut.tar.bz2", PACKAGED.read_bytes()[:200_000], ": the archive is truncated or damaged"),
    ],
)
async def test_a_file_that_cannot_be_right_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None, why: str
) -> None:
    monkeypatch.setattr(directory, "BATCH", 1)
    monkeypatch.setattr(files, "CHUNK", 64)
    await imported(path, entry(3))
    before, bad = await stored(), path.with_name(name)
    if content is not None:
        bad.write_bytes(content)

    with pytest.raises(Unusable) as refused:
        await load(bad, close_many=True)

    assert str(refused.value).startswith(f"{bad}{why}")
    assert await stored() == before


async def test_an_archive_without_json_changes_nothing(path: Path) -> None:
    packed = path.with_name("data.tar.bz2")
    with tarfile.open(packed, "w:bz2") as archive:
        archive.addfile(tarfile.TarInfo("LICENCE"))

    with pytest.raises(Unusable, match=r"holds no file whose name ends in \.json"):
        await load(packed)

    assert not await DirectoryFile.exists()


async def test_whatever_stands_in_a_field_an_entry_is_stored_or_skipped(path: Path) -> None:
    texts = [
        json.dumps(entry(n, **{field: "@"})).replace('"@"', odd)
        for n, (field, odd) in enumerate(product(entry(0), ODD))
    ]

    summary = await load(joined(path, *texts))

    assert summary.new + summary.skipped.total() == len(texts)
    assert summary.new == await Office.all().count() > len(texts) / 2
