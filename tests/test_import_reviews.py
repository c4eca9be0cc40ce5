import csv
import json
from datetime import UTC, date, datetime
from itertools import islice, product
from pathlib import Path
from typing import Any

import pytest
from tortoise.queryset import QuerySet

from jobs import files, store
from jobs.files import Unusable
from jobs.reviews import load
from jobs.store import Summary
from models.account import Account
from models.audit import Place
from models.reply import Reply, ReplyText
from models.review import Channel, Review, ReviewOriginal, ReviewStructure, Sentiment
from models.routing import Move, Transfer
from models.sql import Sql, fetch
from models.text import fold
from tests import factories as make
from tests.test_files import ODD

pytestmark = pytest.mark.usefixtures("world")


def experience(number: int, **changes: Any) -> dict[str, Any]:
    """An experience as the export has it in JSON."""
    return {
        "id_experience": number,
        "etat_experience": "",
        "ecrit_le": "2025-02-27",
        "date_de_publication": "2025-03-01",
        "titre": "Attente",
        "description": "Trop longue.",
        "poste_comme": "Anonyme",
        "ressenti_usager": "Négatif",
        "intitule_typologie_1": "Caisse d'allocations familiales",
        "intitule_structure_1": "Caf du Rhône",
        "canaux_typologie_1": "Guichet, Téléphone",
        "reponse_structure_1": "",
        "pays": "France",
        "code_postal_usager": "69003",
        "amelioration_de_service_a_considerer": "",
        "action": "",
        "accessibilite": "Positif",
        "information_explication": "Neutre",
        "relation": "Négatif",
        "reactivite": "",
        "simplicite": None,
        "date_de_premiere_reponse": "",
    } | changes


HEADERS = {
    "id_experience": "ID",
    "etat_experience": "Etat de l'expérience",
    "ecrit_le": "Ecrit le",
    "date_de_publication": "Date de publication",
    "titre": "Titre",
    "description": "Description",
    "poste_comme": "Posté comme",
    "ressenti_usager": "Ressenti usager",
    "intitule_typologie_1": "Intitulé typologie 1",
    "intitule_structure_1": "Intitulé Structure 1",
    "canaux_typologie_1": "Canaux Typologie 1",
    "reponse_structure_1": "Réponse structure 1",
    "pays": "Pays",
    "code_postal_usager": "code_postal_usager",
    "amelioration_de_service_a_considerer": "Amélioration de service à considérer",
    "action": "Action",
    "accessibilite": "Tags généraux Accessibilité",
    "information_explication": "Tags généraux Information/Explication",
    "relation": "Tags généraux Relation",
    "reactivite": "Tags généraux Réactivité",
    "simplicite": "Tags généraux Simplicité/Complexité",
    "date_de_premiere_reponse": "date_de_premiere_réponse",
}
"""Names of the export's fields in its CSV."""


def of_part(number: int, **fields: Any) -> dict[str, Any]:
    """Fields of the structure `number` of an experience."""
    names = {
        "network": "intitule_typologie",
        "office": "intitule_structure",
        "channels": "canaux_typologie",
        "reply": "reponse_structure",
    }
    return {f"{names[name]}_{number}": value for name, value in fields.items()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.json"


def written(path: Path, *rows: Any) -> Path:
    return joined(path, *map(json.dumps, rows))


def joined(path: Path, *texts: str) -> Path:
    path.write_text("[" + ",\n".join(texts) + "]", encoding="utf-8")
    return path


def as_csv(path: Path, *rows: dict[str, Any]) -> Path:
    """The rows as the export has them in CSV, dates as 31/12/2026."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(HEADERS[name] for name in rows[0])
        for row in rows:
            days = {name for name in row if name == "ecrit_le" or name.startswith("date_")}
            table.writerow(
                "/".join(reversed(str(value).split("-"))) if name in days else value
                for name, value in row.items()
            )
    return path


def rejects(path: Path) -> list[list[str]]:
    file = path.with_name("rejects.csv")
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]


async def imported(path: Path, *rows: Any) -> Summary:
    return await load(written(path, *rows) if rows else path, path.with_name("rejects.csv"))


def counted(summary: Summary) -> tuple[int, int, int, int]:
    return summary.new, summary.changed, summary.unchanged, summary.rejected


async def stored(*, originals: bool = True) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables that an import of reviews writes."""
    tables = ("review", "review_structure", "reply") + ("review_original",) * originals
    return {
        table: [tuple(row) for row in await fetch(Sql(f"SELECT * FROM {table} ORDER BY 1"))]
        for table in tables
    }


async def column(rows: QuerySet[Any], name: str) -> list[Any]:
    """The values of one column of `rows`."""
    return [row[0] for row in await rows.values_list(name)]


async def titles() -> list[str]:
    return await column(Review.all().order_by("id"), "title")


async def test_an_experience_is_stored_with_all_that_it_says(path: Path) -> None:
    await imported(path, experience(7))

    (review,) = await Review.all().values()
    assert review == {
        "id": review["id"],
        "procedure_id": None,
        "source": "services-publics-plus",
        "source_id": "7",
        "title": "Attente",
        "description": "Trop longue.",
        "sentiment": Sentiment.NEGATIVE,
        "written_on": date(2025, 2, 27),
        "published_at": datetime(2025, 2, 28, 23, tzinfo=UTC),
        "posted_as": "Anonyme",
        "country": "France",
        "postal_code": "69003",
        "improvement": None,
        "action": None,
        "accessibility": Sentiment.POSITIVE,
        "information": Sentiment.NEUTRAL,
        "relation": Sentiment.NEGATIVE,
        "responsiveness": None,
        "simplicity": None,
        "search": "attent trop longu",
        "version": 1,
        "redacted_at": None,
    }


async def test_each_structure_has_its_channels_and_its_reply(path: Path) -> None:
    lyon = await make.office(name="Caf du Rhône")
    parts = (
        of_part(1, reply="Merci.")
        | of_part(2, network="police", channels="Sur internet, Drone", reply="")
        | of_part(3, network="Gendarmerie Nationale", office="Inconnue", reply="Désolés.")
    )

    summary = await imported(
        path, experience(1, **parts, date_de_premiere_reponse="2025-03-05T10:00:00+01:00")
    )

    at = datetime(2025, 3, 5, 9, tzinfo=UTC)
    names = ("network__code", "office_id", "received_name", "channels", "answered", "replied_at")
    found = await ReviewStructure.all().order_by("position").values_list(*names, "replies__body")
    assert found == [
        ("caf", lyon.id, "Caf du Rhône", Channel.COUNTER + Channel.PHONE, True, at, "Merci."),
        ("police", None, None, Channel.ONLINE + Channel.OTHER, False, None, None),
        ("gendarmerie", None, "Inconnue", 0, True, at, "Désolés."),
    ]
    assert summary.unplaced == 1


async def test_json_and_csv_give_the_same_rows(path: Path) -> None:
    rows = [
        experience(1),
        experience(2, description='Des "guillemets";\ndeux lignes', reponse_structure_1="Merci."),
        experience(
            3, simplicite="Neutre", etat_experience="Traitée", date_de_premiere_reponse="2025-03-02"
        ),
    ]
    await imported(path, *rows)
    from_json = await stored(originals=False)

    table = as_csv(path.with_suffix(".csv"), *rows)
    summary = await load(table, path.with_name("rejects.csv"))

    assert counted(summary) == (0, 3, 0, 0)
    assert await stored(originals=False) == from_json


async def test_text_is_cleaned_and_kept_as_it_was_received(path: Path) -> None:
    received = "L&#39;accueil&amp;nbsp;:\r\n\u00a0bien\x00\x07 &eacute;"
    reply = of_part(1, reply="Merci&nbsp;!\r")
    await imported(path, experience(1, titre=received, description="\u200b&nbsp;", **reply))

    review, original = await Review.get(), await ReviewOriginal.get()
    assert (review.title, review.description) == ("L'accueil :\nbien é", "")
    assert await column(Reply.all(), "body") == ["Merci !"]
    assert json.loads(original.received)["titre"] == received


async def test_an_export_is_imported_once_and_for_all(path: Path) -> None:
    parts = of_part(2, network="police", reply="Merci.")
    await imported(path, experience(1), experience(2, **parts))
    before = await stored()

    assert counted(await imported(path)) == (0, 0, 2, 0)
    assert await stored() == before


async def test_what_changed_is_updated_and_what_is_gone_is_taken_away(path: Path) -> None:
    one = of_part(1, reply="Merci.") | of_part(2, network="police", reply="Bien noté.")
    await imported(path, experience(1, **one), experience(2))
    (reply,) = await Reply.filter(body="Merci.")
    other = experience(1, titre="Accueil", **of_part(1, reply="Merci beaucoup."))

    summary = await imported(path, other, experience(2))

    assert counted(summary) == (0, 1, 1, 0)
    assert await titles() == ["Accueil", "Attente"]
    assert await Reply.all().values_list("id", "body") == [(reply.id, "Merci beaucoup.")]
    assert await ReviewStructure.all().count() == 2


async def test_a_reply_and_a_structure_that_come_later_are_added(path: Path) -> None:
    await imported(path, experience(1))

    await imported(path, experience(1, **of_part(1, reply="Merci.") | of_part(2, network="police")))

    names = ("position", "network__code", "answered", "replies__body")
    assert await ReviewStructure.all().order_by("position").values_list(*names) == [
        (1, "caf", True, "Merci."),
        (2, "police", False, None),
    ]


async def test_a_reply_that_is_gone_from_the_export_is_gone_here(path: Path) -> None:
    await imported(path, experience(1, **of_part(1, reply="Merci.")))

    await imported(path, experience(1))

    assert await ReviewStructure.all().values_list("answered", "replies__body") == [(False, None)]


async def typed(kind: str) -> None:
    """What someone here did about the reply of the one structure there is."""
    structure = await ReviewStructure.get(position=1)
    account = await Account.create(subject="agent", label="Caf du Rhône, accueil")
    if kind == "written":
        await Reply.filter(structure=structure).delete()
        await Reply.draft(structure, ReplyText("Écrit ici."), by=account.id)
        return
    reply = await Reply.get(structure=structure)
    if kind == "edited":
        await reply.edit(ReplyText("Écrit ici."), by=account.id, expected_version=1)
    else:
        await reply.withdraw(by=account.id, expected_version=1)


@pytest.mark.parametrize("kind", ["written", "edited", "withdrawn"])
@pytest.mark.parametrize("again", [of_part(1, reply="Autre."), of_part(1, reply="")])
async def test_what_was_typed_here_is_never_overwritten(
    path: Path, kind: str, again: dict[str, Any]
) -> None:
    await imported(path, experience(1, **of_part(1, reply="Merci.")))
    await typed(kind)
    before = await stored()

    summary = await imported(path, experience(1, titre="Accueil", **again))

    after = await stored()
    assert (counted(summary), await titles()) == ((0, 1, 0, 0), ["Accueil"])
    assert after["reply"] == before["reply"]
    assert after["review_structure"] == before["review_structure"]


async def test_a_structure_answered_here_stays_beside_those_that_take_its_place(
    path: Path,
) -> None:
    both = of_part(1, reply="Merci.") | of_part(2, network="police", office="Lyon")
    await imported(path, experience(1, **both))
    await typed("edited")
    police = of_part(1, network="police", office="Bron", reply="Vu.")

    for title in ("Accueil", "Attente"):
        await imported(path, experience(1, titre=title, ressenti_usager="Positif", **police))

    names = ("position", "network__code", "received_name", "sentiment", "replies__body")
    assert await ReviewStructure.all().order_by("position").values_list(*names) == [
        (1, "caf", "Caf du Rhône", Sentiment.POSITIVE, "Écrit ici."),
        (2, "police", "Bron", Sentiment.POSITIVE, "Vu."),
    ]


async def test_of_two_structures_of_a_network_the_other_is_still_updated(path: Path) -> None:
    both = of_part(1, reply="Merci.") | of_part(2, network="caf", office="Bron")
    await imported(path, experience(1, **both))
    await typed("edited")

    await imported(path, experience(1, **both | of_part(2, reply="Vu.")))

    bodies = ReviewStructure.all().order_by("position").values_list("position", "replies__body")
    assert await bodies == [(1, "Écrit ici."), (2, "Vu.")]


@pytest.mark.parametrize(
    ("state", "replies", "answered"),
    [
        ("Traitée", ("", ""), [True, True]),
        ("traitee ", ("", ""), [True, True]),
        ("Traitée", ("", "Merci."), [False, True]),
        ("", ("", "Merci."), [False, True]),
        ("En cours", ("", ""), [False, False]),
    ],
)
async def test_an_experience_that_was_dealt_with_is_answered_even_without_a_reply(
    path: Path, state: str, replies: tuple[str, str], answered: list[bool]
) -> None:
    first, second = replies
    parts = of_part(1, reply=first) | of_part(2, network="police", reply=second)

    await imported(path, experience(1, etat_experience=state, **parts))

    rows = ReviewStructure.all().order_by("position")
    assert await column(rows, "answered") == answered
    assert await Reply.all().count() == len([text for text in replies if text])


TWINS = ("69", "2A", "2B", "974", "971", "13")


@pytest.mark.parametrize(
    ("called", "postal_code", "department"),
    [
        ("CAF de lyon", "", "01"),
        ("Caf - de Lyon", "69003", "01"),
        ("caf-01053-01", "", "01"),
        ("CAF-01053-01", "", "01"),
        ("L’accueil", "", "75"),
        ("Jumelle", "69003", "69"),
        ("Jumelle", "20090", "2A"),
        ("Jumelle", "20200", "2B"),
        ("Jumelle", "97411", "974"),
        ("Jumelle", "97100", "971"),
        ("Jumelle", "75001", None),
        ("Jumelle", "", None),
        ("Inconnue", "69003", None),
        ("", "69003", None),
    ],
)
async def test_an_office_is_found_by_name_or_code_and_by_the_users_department(
    path: Path, called: str, postal_code: str, department: str | None
) -> None:
    lyon = await make.office(name="Caf de Lyon", department="01")
    lyon.pivot_code = "caf-01053-01"
    await lyon.save()
    await make.office(name="L'accueil", department="75")
    await make.office("police", name="Caf de Lyon", department="75")
    for twin in TWINS:
        await make.office(name="Jumelle", department=twin)

    row = experience(1, code_postal_usager=postal_code, **of_part(1, office=called))
    await imported(path, row)

    found = ReviewStructure.all().values_list("department_id", "office__department_id")
    assert await found == [(department, department)]


async def test_two_of_one_name_in_one_department_are_not_guessed_at(path: Path) -> None:
    for _ in range(2):
        await make.office(name="Caf du Rhône")

    summary = await imported(path, experience(1))

    offices = await column(ReviewStructure.all(), "office_id")
    assert (summary.unplaced, offices) == (1, [None])


DEEP = json.loads("[" * 300 + "]" * 300)
BAD: list[tuple[dict[str, Any], str]] = [
    ({"id_experience": None}, "id_experience: missing, or not a positive integer"),
    ({"id_experience": "x1"}, "id_experience: missing, or not a positive integer"),
    ({"id_experience": 0}, "id_experience: missing, or not a positive integer"),
    ({"id_experience": True}, "id_experience: missing, or not a positive integer"),
    ({"id_experience": "9" * 19}, "id_experience: missing, or not a positive integer"),
    ({"id_experience": 1}, "id_experience: the same as an earlier row's"),
    ({"ressenti_usager": ""}, "ressenti_usager: missing"),
    ({"ressenti_usager": "Bof"}, "ressenti_usager: 'Bof' is none of Positif, Neutre, Négatif"),
    ({"relation": 5}, "relation: '5' is none of Positif, Neutre, Négatif"),
    ({"date_de_publication": ""}, "date_de_publication: missing"),
    ({"date_de_publication": "2999-01-01"}, "date_de_publication: 2999-01-01 is in the future"),
    ({"date_de_publication": "31/02/2025"}, "date_de_publication: '31/02/2025' is not a date"),
    ({"date_de_publication": "1025-03-01"}, "date_de_publication: 1025-03-01 is before 2000"),
    ({"date_de_publication": "0001-01-01"}, "date_de_publication: '0001-01-01' is not a date"),
    ({"date_de_publication": 1740783600}, "date_de_publication: '1740783600' is not a date"),
    ({"ecrit_le": "hier"}, "ecrit_le: 'hier' is not a date"),
    ({"intitule_typologie_1": "Poste"}, "intitule_typologie_1: no network is called 'Poste'"),
    ({"intitule_typologie_1": " "}, "intitule_typologie_1: missing: no structure is concerned"),
    ({"description": "é" * 1_000_000}, "description: longer than 100000 characters"),
    ({"titre": "é" * 1_001}, "titre: longer than 1000 characters"),
    ({"titre": "", "description": "&nbsp;"}, "description: missing, and there is no title either"),
    ({"titre": ["a"]}, "titre: is not a text"),
    ({"titre": 1.5}, "titre: is not a text"),
    ({"canaux_typologie_1": ["Guichet"]}, "canaux_typologie_1: is not a text"),
    ({"reponse_structure_1": {"a": 1}}, "reponse_structure_1: is not a text"),
    ({"titre": "\ud800"}, "titre: can't be kept (str is not valid UTF-8: surrogates not allowed)"),
    ({"autre": 2**64}, "autre: can't be kept (Integer exceeds 64-bit range)"),
    (
        {"autre": DEEP},
        "autre: can't be kept (Recursion limit reached)",
    ),
]


async def test_bad_rows_are_told_with_line_and_field_and_the_others_imported(path: Path) -> None:
    bad = [experience(n, **changes) for n, (changes, _) in enumerate(BAD, 10)]

    summary = await imported(path, experience(1), *bad, experience(2))

    assert counted(summary) == (2, 0, 0, len(BAD))
    assert rejects(path) == [[str(line), why] for line, (_, why) in enumerate(BAD, 2)]
    assert await column(Review.all().order_by("id"), "source_id") == ["1", "2"]


async def test_bad_rows_of_a_csv_are_told_by_the_line_they_begin_on(path: Path) -> None:
    table = as_csv(
        path.with_suffix(".csv"),
        experience(1, description="deux\nlignes"),
        experience(2, ressenti_usager="Bof"),
        experience(3),
    )
    with table.open("a", encoding="utf-8") as file:
        file.write("4;Traitée\n")

    summary = await load(table, path.with_name("rejects.csv"))

    assert counted(summary) == (2, 0, 0, 2)
    assert rejects(path) == [
        ["4", "ressenti_usager: 'Bof' is none of Positif, Neutre, Négatif"],
        ["6", "row: has 2 fields, more or fewer than the names"],
    ]


async def test_rejects_of_an_earlier_import_do_not_stay(path: Path) -> None:
    await imported(path, experience(1), experience(2, titre=[]))
    first = rejects(path)
    await imported(path, experience(1))

    assert (first, rejects(path)) == ([["2", "titre: is not a text"]], [])


async def test_rejects_never_take_the_place_of_the_export(path: Path) -> None:
    written(path, experience(1), experience(2, titre=[]))

    with pytest.raises(Unusable, match="can't go into the file they come from"):
        await load(path, path.parent / "." / path.name)

    assert counted(await imported(path)) == (1, 0, 0, 1)


async def test_rejects_that_cannot_be_written_are_told_and_nothing_is_imported(path: Path) -> None:
    nowhere = path.parent / "nowhere" / "rejects.csv"

    with pytest.raises(Unusable) as refused:
        await load(written(path, experience(1), experience(2, titre=[])), nowhere)

    assert str(refused.value) == f"{nowhere}: No such file or directory"
    assert not await Review.exists()


GOOD = json.dumps([experience(1, titre=[]), experience(2), experience(3)]).encode()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("cut.json", GOOD[:-50], ", line 1: the file ends too early"),
        ("latin.json", GOOD.replace(b"Trop", b"Tr\xf4p"), ", line 1: the file is not UTF-8"),
        ("broken.csv", b'ID;Titre\n1;"un', ", line 2: this row is not CSV (unexpected end"),
        ("comma.csv", b"ID,Titre\n1,un", ", line 1: names of fields, parted by `;`"),
        ("export.xlsx", b"PK", ": the name must end in .json, .jsonl or .csv"),
        ("nowhere.json", None, ": there is no such file"),
    ],
)
async def test_a_file_that_cannot_be_right_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None, why: str
) -> None:
    monkeypatch.setattr(store, "BATCH", 1)
    monkeypatch.setattr(files, "CHUNK", 64)
    await imported(path, experience(1), experience(4, titre=[]))
    before, told, bad = await stored(), rejects(path), path.with_name(name)
    if content is not None:
        bad.write_bytes(content)

    with pytest.raises(Unusable) as refused:
        await load(bad, path.with_name("rejects.csv"))

    assert str(refused.value).startswith(f"{bad}{why}")
    assert (await stored(), rejects(path)) == (before, told)
    assert not list(path.parent.glob("*.partial"))


async def test_an_id_is_never_given_again(path: Path) -> None:
    parts = of_part(1, reply="Merci.")
    await imported(path, *(experience(n, **parts) for n in (1, 2, 3)))
    await Review.filter(source_id__in=["2", "3"]).delete()

    await imported(path, *(experience(n, **parts) for n in (1, 2, 3)))

    for model in (Review, ReviewStructure, Reply):
        first, *rest = await column(model.all().order_by("id"), "id")
        assert rest == [first + 3, first + 4]


async def test_imported_reviews_are_stored_as_those_made_here(path: Path) -> None:
    made = await make.review(await make.office(), title="fait ici")
    at = made.published_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    await imported(path, experience(1, date_de_publication=at))

    rows = await fetch(Sql("SELECT published_at FROM review"))
    assert rows[0][0] == rows[1][0]


async def test_text_in_any_alphabet_fits_both_databases(path: Path) -> None:
    longest = sorted(map(chr, range(0x3300, 0x3358)), key=lambda char: len(fold(char)))[-12:]
    words = map("".join, islice(product(longest, repeat=4), 19_000))  # over 1 MB once folded
    text = " ".join(words)

    summary = await imported(path, experience(1, description=text), experience(2, titre="x" * 999))

    assert counted(summary) == (2, 0, 0, 0)


async def test_whatever_stands_in_a_field_a_row_is_imported_or_rejected(path: Path) -> None:
    texts = [
        json.dumps(experience(n, **{field: "@"})).replace('"@"', odd)
        for n, (field, odd) in enumerate(product(experience(1), ODD), 1)
    ]

    summary = await load(joined(path, *texts), path.with_name("rejects.csv"))

    assert summary.new + summary.rejected == len(texts)
    assert summary.new == await Review.all().count() > len(texts) / 4


async def test_what_was_moved_here_stays_moved_and_what_was_assigned_is_still_answered(
    path: Path,
) -> None:
    both = of_part(1) | of_part(2, network="police", office="Lyon")
    await imported(path, experience(1, **both))
    first, second = await ReviewStructure.all().order_by("position")
    to = Place(first.network_id, "75")
    by = (await Account.create(subject="agent", label="x")).id
    asked = await Transfer.request(second, to, "x", by=by, expected_version=1)
    await asked.approve("", by=by, expected_version=1)
    await first.assign(by, expected_version=1)

    for title in ("Accueil", "Attente"):
        answered = both | of_part(1, reply="Merci.") | of_part(2, network="police", reply="Vu.")
        await imported(path, experience(1, titre=title, **answered))

    names = ("network__code", "department_id", "received_name", "assignee_id", "replies__body")
    assert await ReviewStructure.all().order_by("position").values_list(*names) == [
        ("caf", first.department_id, first.received_name, by, "Merci."),
        ("caf", "75", "Lyon", None, None),
    ]
    assert await Move.all().count() == 1


async def test_an_office_that_a_review_was_moved_to_is_not_imported_beside_itself(
    path: Path,
) -> None:
    _, there = await make.office(name="Lyon"), await make.office(name="Bron")
    await imported(path, experience(1, **of_part(1, office="Lyon")))
    structure, by = await ReviewStructure.get(), (await Account.create(subject="a", label="x")).id
    to = Place.of_office(there)
    asked = await Transfer.request(structure, to, "x", by=by, expected_version=1)
    await asked.approve("", by=by, expected_version=1)

    both = of_part(1, office="Lyon") | of_part(2, network="caf", office="Bron")
    await imported(path, experience(1, titre="Accueil", **both))

    places = await ReviewStructure.all().values_list("office_id", "received_name")
    assert places == [(there.id, "Lyon")]
