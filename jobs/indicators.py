"""Import the platform's indicators, and their results: JSON or CSV, as the open data has them."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from math import isfinite
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from tortoise.transactions import in_transaction

from jobs import reference
from jobs.command import Exit, say, with_database
from jobs.experience import plain_name
from jobs.files import ROW, Record, Unusable, csv_records, json_records, opened, sha256
from jobs.operator import audited
from jobs.reference import name_key
from models.audit import Deed
from models.indicator import Indicator, IndicatorResult
from models.office import Office
from models.text import clean

Columns: TypeAlias = Mapping[str, tuple[str, ...]]
"""What a column may be called, by what is read from it: the first that tells something counts."""

_CODE = (
    "code_sp_de_l_indicateur",
    "code_indicateur",
    "code_de_l_indicateur",
    "identifiant_indicateur",
    "id_indicateur",
    "indicateur",
)
INDICATORS: Final[Columns] = {
    "code": _CODE,
    "title": (
        "intitule_original_de_l_indicateur",
        "titre_original_de_l_indicateur",
        "intitule_usager_de_l_indicateur",
        "intitule_de_l_indicateur",
        "titre_de_l_indicateur",
        "titre",
    ),
    "source": ("source_de_l_indicateur", "source"),
    "method": ("sources_et_methodes", "methode_de_calcul", "methodologie", "methode"),
    "unit": ("unite", "unite_de_l_indicateur"),
}
RESULTS: Final[Columns] = {
    "code": _CODE,
    "network": ("intitule_du_reseau", "reseau", "typologie"),
    "structure": ("code_sp_structure", "code_structure", "code_de_la_structure"),
    "value": ("valeur",),
    "updated_on": ("date_de_mise_a_jour",),
}
NEEDED: Final = frozenset({"code", "title", "value", "updated_on"})
"""What a file must have a column for, where it is read at all."""

_LENGTHS = {"code": 32, "title": 512, "source": 1024, "method": 20_000, "unit": 64}


def arguments(parser: ArgumentParser) -> None:
    """What the commands take."""
    parser.add_argument("file", type=Path, help="the export: .json or .csv")


def run_indicators(args: Namespace) -> Exit:
    """Import what is measured (`export-indicateurs`). Those known before are brought up to date."""
    return with_database(lambda: _run(args.file, "indicators", load_indicators))


def run_results(args: Namespace) -> Exit:
    """Import what was measured (`export-resultats`).

    The file stands for all results of the indicators that it names: earlier ones of theirs go.
    """
    return with_database(lambda: _run(args.file, "results", load_results))


async def _run(path: Path, what: str, load: Callable[[Path], Any]) -> Exit:
    taken, rejected = await load(path)
    for line, reason in rejected:
        say(f"line {line}: {reason}")
    say(f"{what}: {taken} imported, {len(rejected)} rejected")
    return Exit.REJECTED if rejected else Exit.DONE


Rejects = list[tuple[int, str]]


async def load_indicators(path: Path) -> tuple[int, Rejects]:
    """Import the indicators of `path`: how many, and what was rejected. Raises Unusable."""
    rejected: Rejects = []
    taken = 0
    async with in_transaction():
        for line, told in _rows(path, INDICATORS, rejected):
            values = {name: _text(told, name) for name in _LENGTHS}
            wrong = next((n for n, most in _LENGTHS.items() if len(values[n]) > most), None)
            if wrong or not values["code"] or not values["title"]:
                rejected.append((line, f"{wrong or 'code or title'}: missing or too long"))
                continue
            taken += 1
            await Indicator.update_or_create(code=values.pop("code"), defaults=values)
        facts = {"sha256": sha256(path), "new": taken, "rejected": len(rejected)}
        await audited(Deed("indicators.imported", clean(path.name)[:128], facts=facts))
    return taken, rejected


async def load_results(path: Path) -> tuple[int, Rejects]:
    """Import the results of `path`: how many, and what was rejected. Raises Unusable."""
    rejected: Rejects = []
    made: list[IndicatorResult] = []
    async with in_transaction():
        known = {one.code for one in await Indicator.all()}
        networks = (await reference.known()).networks
        offices = await _offices()
        for line, told in _rows(path, RESULTS, rejected):
            code, network, structure = (_text(told, n) for n in ("code", "network", "structure"))
            value, day = _number(told.get("value")), _day(_text(told, "updated_on"))
            its = networks.get(network) or networks.get(name_key(network))
            problem = (
                (code not in known and f"code: there is no indicator {code[:32]!r}")
                or (bool(network) and its is None and f"network: none is called {network[:80]!r}")
                or (value is None and "value: missing, or not a number")
                or (day is None and "updated_on: missing, or not a date")
                or (len(structure) > 255 and "structure: too long")
            )
            if problem:
                rejected.append((line, problem))
                continue
            made.append(
                IndicatorResult(
                    indicator_id=code,
                    network_id=its,
                    office_id=offices.get(structure),
                    received_code=structure,
                    value=value,
                    updated_on=day,
                    file=clean(path.name)[:255],
                )
            )
        codes = {one.indicator_id for one in made}  # type: ignore[attr-defined]  # Tortoise's own
        await IndicatorResult.filter(indicator_id__in=codes).delete()
        await IndicatorResult.bulk_create(made, batch_size=500)
        facts = {"sha256": sha256(path), "new": len(made), "rejected": len(rejected)}
        await audited(Deed("results.imported", clean(path.name)[:128], facts=facts))
    return len(made), rejected


def _rows(path: Path, columns: Columns, rejected: Rejects) -> Iterator[Record]:
    names: set[str] = set()
    with opened(path) as (_, raw):
        for line, record in _records(path, raw):
            if ROW in record:
                rejected.append((line, "row: more or fewer fields than the names"))
                continue
            told = {plain_name(name): value for name, value in record.items()}
            names |= told.keys()
            yield line, {name: _first(told, called) for name, called in columns.items()}
    # At the end: JSON may leave out what a record has nothing of.
    if names:
        _check(path, columns, names)


def _first(told: Mapping[str, Any], called: Iterable[str]) -> Any:
    return next((told[name] for name in called if told.get(name) not in {None, ""}), None)


def _check(path: Path, columns: Columns, names: set[str]) -> None:
    for wanted in sorted(NEEDED & columns.keys()):
        if names.isdisjoint(columns[wanted]):
            called, found = " or ".join(columns[wanted]), clean(", ".join(sorted(names)))[:500]
            raise Unusable(f"{path}: no column for {wanted}: {called}; there are {found}")


def _records(path: Path, raw: IO[bytes]) -> Iterator[Record]:
    if path.suffix == ".json":
        return json_records(path, raw)
    if path.suffix == ".csv":
        return csv_records(path, raw)
    raise Unusable(f"{path}: the name must end in .json or .csv")


async def _offices() -> dict[str, int]:
    """Offices by the codes that structures are known by."""
    found = {}
    for key, identifier, pivot in await Office.all().values_list(
        "id", "directory_id", "pivot_code"
    ):
        found.update({code: key for code in (identifier, pivot) if code})
    return found


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return clean(str(value)) if isinstance(value, str | int | float) else ""


def _number(value: Any) -> float | None:
    try:
        found = float(str(value).strip().removesuffix("%").strip().replace(",", "."))
    except ValueError:
        return None
    return found if isfinite(found) else None


def _day(value: str) -> date | None:
    parts = value[:10].split("/")
    try:
        return date.fromisoformat("-".join(reversed(parts)) if len(parts) == 3 else value[:10])
    except ValueError:
        return None
