import bz2
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import IO, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from jobs import experience, files, listing
from jobs.experience import Rejected
from jobs.files import Record, Unusable, csv_records, json_records, opened, sha256
from jobs.listing import Entry, Skipped
from jobs.reference import Reference

PATH = Path("export.json")
Reader = Callable[[Path, IO[bytes]], Iterator[Record]]

# Numbers without a fraction: 1.0 and 1 are one value to Python.
values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=8,
)
objects = some.lists(some.dictionaries(some.text(), values, max_size=4), max_size=5)
blanks = some.text(" \t\r\n", max_size=20)


def read(text: str | bytes, size: int = files.CHUNK, reader: Reader = json_records) -> list[Record]:
    """The records of `text`, read `size` bytes at a time."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "CHUNK", size)
        return list(reader(PATH, io.BytesIO(raw)))


def refusal(text: str | bytes, size: int = files.CHUNK, reader: Reader = json_records) -> str:
    with pytest.raises(Unusable) as refused:
        read(text, size, reader)
    return str(refused.value)


@some.composite
def arrays(draw: some.DrawFn) -> tuple[str, list[Record]]:
    """A JSON text, spaced anyhow, and the records in it."""
    name = draw(some.none() | some.text(max_size=5))
    head = "" if name is None else f"{{{draw(blanks)}{json.dumps(name)}{draw(blanks)}:"
    text, records = f"{draw(blanks)}{head}{draw(blanks)}[{draw(blanks)}", []
    for place, record in enumerate(draw(objects)):
        text += f"{draw(blanks)},{draw(blanks)}" if place else ""
        records.append((1 + text.count("\n"), record))
        indent = draw(some.sampled_from([None, 0, 2]))
        text += json.dumps(record, indent=indent, ensure_ascii=draw(some.booleans()))
    tail = "" if name is None else f"{draw(blanks)}}}"
    return f"{text}{draw(blanks)}]{tail}{draw(blanks)}", records


@given(arrays(), some.integers(1, 40))
def test_records_are_those_of_json_each_with_its_line(
    array: tuple[str, list[Record]], size: int
) -> None:
    text, records = array

    assert read(text, size) == records


@given(some.data(), some.integers(1, 40))
def test_no_array_cut_short_is_taken_for_a_whole_one(data: some.DataObject, size: int) -> None:
    text = data.draw(arrays())[0].strip(" \t\r\n")
    cut = text[: data.draw(some.integers(0, len(text) - 1))]

    assert refusal(cut, size).startswith(f"{PATH}, line ")


@given(some.binary(max_size=200) | some.text('[]{},:"\\u 01eE+-.nul\n').map(str.encode))
def test_rubbish_is_refused_or_is_json(rubbish: bytes) -> None:
    try:
        found = [record for _, record in read(rubbish, 7)]
    except Unusable:
        return
    whole = json.loads(rubbish.decode("utf-8-sig"))
    assert found == (whole if isinstance(whole, list) else next(iter(whole.values())))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1: the file ends too early"),
        ("hello", "1: an array of objects must come first"),
        ("{}", "1: this is not JSON (Expecting value)"),
        ("{1: []}", "1: an array of objects must come first"),
        ('{"a": {}}', "1: an array of objects must come first"),
        ('[{"a": 1},\n 2]', "2: an object is expected here"),
        ('[{"a": 1}\n {"a": 2}]', "2: `,` or `]` is expected here"),
        ('[{"a": 1},\n]', "2: this is not JSON (Expecting value)"),
        ('[{"a": 1}]\n[]', "2: the array is over, nothing more is expected"),
        ('{"a": [], "b": 1}', "1: `}` is expected here"),
        ('[\n{"a": 1,\n "b" 2}' + " " * 99 + "]", "3: this is not JSON (Expecting ':' delimiter)"),
        ('[\n{"a": "un\ndeux"}' + " " * 99, "2: this is not JSON (Invalid control character at)"),
        ('[{"a": "' + "é" * 99, "1: the file ends too early (Unterminated string starting at)"),
        ("[" * 100_000, "1: this is nested too deep"),
        ('[{"a": ' + "9" * 5_000 + "}]", "1: a number here is too long"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, why: str) -> None:
    assert refusal(text) == refusal(text, 1) == f"{PATH}, line {why}"


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read('\ufeff[{"a": 1}]', 1) == [(1, {"a": 1})]
    assert read("\ufeffa;b\n1;2", 1, csv_records) == [(2, {"a": "1", "b": "2"})]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_text_that_is_not_utf_8_is_refused_with_its_line(size: int) -> None:
    text = '[{"a": "é"},\n{"a": "\udce9t'.encode("utf-8", "surrogateescape")

    assert refusal(text, size) == f"{PATH}, line 2: the file is not UTF-8"


RECORDS = ",\n".join(json.dumps({"id": n, "nom": "x" * 200}) for n in range(40_000))


@pytest.mark.parametrize(
    "broken", ['{"id": }', '{"id": 1 "nom": 2}', '{"id": "1}', "nope", '{"id": [{"a": 1}']
)
def test_a_broken_record_far_from_the_end_is_refused_at_once(broken: str) -> None:
    begun = perf_counter()
    refused = refusal(f"[{broken},\n{RECORDS}]")

    assert refused.startswith((f"{PATH}, line 1: ", f"{PATH}, line 2: "))
    assert perf_counter() - begun < 2


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        ('[\n{"a": "' + "x" * files.MAX_RECORD * 3, json_records),
        ('[\n{"a": [' + "{},\n" * files.MAX_RECORD, json_records),
        ("a;b\n" + "x" * files.MAX_RECORD * 3, csv_records),
        ('a;b\n1;"' + "deux\n" * files.MAX_RECORD, csv_records),
    ],
    ids=["string", "array", "line", "field"],
)
def test_a_record_without_end_is_refused_before_it_fills_the_memory(
    text: str, reader: Reader
) -> None:
    raw = io.BytesIO(text.encode())
    with pytest.raises(Unusable, match="line 2: "):
        list(reader(PATH, raw))

    assert raw.tell() <= 3 * files.MAX_RECORD


def test_a_long_record_is_read_in_linear_time() -> None:
    record = {"a": ["é" * 100] * 20_000}
    begun = perf_counter()

    assert read(json.dumps([record], ensure_ascii=False), 1_000) == [(1, record)]
    assert perf_counter() - begun < 2


fields = some.text(some.characters(exclude_categories=["Cs"]), max_size=8)


@given(
    some.lists(some.lists(fields, min_size=3, max_size=3), max_size=5),
    some.integers(1, 40),
    some.sampled_from(["\n", "\r\n"]),
)
def test_rows_are_those_of_the_csv_each_with_its_line(
    rows: list[list[str]], size: int, end: str
) -> None:
    text, expected = f"a;b;c{end}", []
    for row in rows:
        expected.append((1 + text.count("\n"), dict(zip("abc", row, strict=True))))
        text += ";".join('"' + field.replace('"', '""') + '"' for field in row) + end

    assert read(text, size, csv_records) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1: names of fields, parted by `;`, must come first"),
        ("a,b\n1,2", "1: names of fields, parted by `;`, must come first"),
        ('a;b\n1;"x"y', "2: this row is not CSV (';' expected after '\"')"),
        ('a;b\n1;2\n3;"quatre\n\n', "3: this row is not CSV (unexpected end of data)"),
    ],
)
def test_what_is_no_csv_is_refused_with_its_line(text: str, why: str) -> None:
    assert refusal(text, 3, csv_records) == f"{PATH}, line {why}"


def test_a_row_with_more_or_fewer_fields_than_names_is_given_as_one_field() -> None:
    assert read("a;b\n1\n\n1;2;3\n1;2\n", reader=csv_records) == [
        (2, {"": ["1"]}),
        (4, {"": ["1", "2", "3"]}),
        (5, {"a": "1", "b": "2"}),
    ]


@given(some.binary(max_size=300) | some.text('";\n\r a').map(str.encode))
def test_rubbish_is_refused_or_is_csv(rubbish: bytes) -> None:
    try:
        found = read(rubbish, 7, csv_records)
    except Unusable:
        return
    assert all(line > 1 for line, _ in found)


def archive(path: Path, *members: tuple[str, bytes]) -> Path:
    """A `.tar.bz2` of `members`, after a folder and a link."""
    with tarfile.open(path, "w:bz2") as made:
        for name, kind in (("folder.json", tarfile.DIRTYPE), ("other", tarfile.SYMTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "nowhere"
            made.addfile(entry)
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    return path


def taken(path: Path) -> tuple[str, list[dict[str, Any]]]:
    with opened(path, ".json") as (name, raw):
        return name, [record for _, record in json_records(path, raw)]


def test_the_file_in_an_archive_is_found_by_its_ending(tmp_path: Path) -> None:
    members = [("LICENCE", b"open"), ("2026-11-01-data.json", b'{"service": [{"id": 1}]}')]

    found = taken(archive(tmp_path / "data.tar.bz2", *members))

    assert found == ("2026-11-01-data.json", [{"id": 1}])


def test_an_archive_without_such_a_file_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "data.tar.bz2", ("LICENCE", b"open"))

    with pytest.raises(Unusable, match=r"holds no file whose name ends in \.json"):
        taken(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    content = json.dumps([{"id": n} for n in range(2_000)]).encode()
    return archive(tmp_path_factory.mktemp("whole") / "data.tar.bz2", ("data.json", content))


@settings(deadline=None)
@given(some.data())
def test_an_archive_cut_short_or_spoilt_is_refused(whole: Path, data: some.DataObject) -> None:
    packed, path = whole.read_bytes(), whole.with_name("spoilt.tar.bz2")
    place = data.draw(some.integers(0, len(packed) - 20))
    path.write_bytes(packed[:place] + data.draw(some.sampled_from([b"", b"\x00rubbish" * 9])))

    with pytest.raises(Unusable, match=r"spoilt\.tar\.bz2"):
        taken(path)


@given(some.binary(max_size=600))
def test_an_archive_of_rubbish_is_refused(whole: Path, rubbish: bytes) -> None:
    path = whole.with_name("rubbish.tar.bz2")
    path.write_bytes(bz2.compress(rubbish.ljust(512, b"\x00")))

    with pytest.raises(Unusable, match=r"rubbish\.tar\.bz2"):
        taken(path)


@pytest.mark.parametrize(
    ("name", "why"),
    [("nowhere.json", "there is no such file"), ("", "Is a directory")],
)
def test_what_is_no_file_is_refused_by_name(tmp_path: Path, name: str, why: str) -> None:
    path = tmp_path / name
    for read_by in (taken, sha256):
        with pytest.raises(Unusable) as refused:
            read_by(path)
        assert str(refused.value) == f"{path}: {why}"


def test_a_failure_that_is_not_the_files_is_not_laid_on_it(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text("[]")

    with pytest.raises(ConnectionRefusedError), opened(path):
        raise ConnectionRefusedError


ODD = [
    *["1e999", "-1e999", "NaN", "-0.0", "9" * 4_000, "12345678901234567890", "true", "null"],
    *['""', '"\\ud800"', '"\\u0000"', '"a\\u0000b"', '"\\u202e"', '"&#0;&#xD800;"'],
    f'"{"é" * 2_000}"',
    *['"[{"', '"{}"', '"[1]"', '"01/01/0001"', '"9999-12-31T23:59:59-12:00"', '"2026-01-01T00Z"'],
    *["[null, true]", '[{"a": {}}]', '[{"valeur": [1e999]}]'],
    *["[" * depth + "]" * depth for depth in (200, 300)],
]
"""JSON that may stand where something else is expected."""

NOW = datetime(2026, 11, 1, tzinfo=UTC)
REFERENCE = Reference({"caf": 1}, {"caf": 1}, frozenset({"69"}))
ENTRY = {
    "id": "1",
    "nom": "Caf",
    "ancien_code_pivot": "caf-1",
    "code_insee_commune": "69123",
    "pivot": [{"type_service_local": "caf"}],
    "telephone": [{"valeur": "04"}],
    "adresse": [{"latitude": "45.7", "longitude": "4.8", "numero_voie": "1", "code_postal": ""}],
    "hierarchie": [{"type_hierarchie": "Service Fils", "service": "2"}],
}
EXPERIENCE = {
    "id_experience": 1,
    "etat_experience": "Traitée",
    "titre": "Attente",
    "description": "Long.",
    "date_de_publication": "2026-01-01",
    "ecrit_le": "2026-01-01",
    "ressenti_usager": "Positif",
    "date_de_premiere_reponse": "2026-01-02",
    "intitule_typologie_1": "caf",
    "relation": "",
    "canaux_typologie_1": "Guichet",
    "reponse_structure_1": "Merci",
    "code_postal_usager": "69",
}


@some.composite
def spoilt(draw: some.DrawFn, good: dict[str, Any]) -> dict[str, Any]:
    """`good` as it is read back after something, at any depth, was put in place of something."""
    odd = draw(some.sampled_from(ODD) | some.binary().map(repr).map(json.dumps) | texts)
    inside: Any = deepcopy(good)
    whole = inside
    while True:
        place = draw(some.sampled_from([*inside] if isinstance(inside, dict) else [0]))
        if not isinstance(inside[place], dict | list) or draw(some.booleans()):
            break
        inside = inside[place]
    inside[place] = "@"
    ((_, record),) = read("[" + json.dumps(whole).replace('"@"', odd) + "]")
    return record


texts = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
).map(json.dumps)


@given(spoilt(ENTRY))
def test_whatever_stands_in_an_entry_it_is_read_or_skipped(record: dict[str, Any]) -> None:
    assert isinstance(listing.parse(record, REFERENCE), Entry | Skipped)


@given(spoilt(EXPERIENCE))
def test_whatever_stands_in_an_experience_it_is_read_or_rejected(record: dict[str, Any]) -> None:
    try:
        found = experience.parse(record, REFERENCE, NOW)
    except Rejected:
        return
    assert json.loads(found.received).keys() == record.keys()
