"""Demo experiences read like the platform's export, and are the same each time."""

import hashlib
import html
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from jobs.demo import DemoOffice, experiences
from jobs.demo_texts import place_of

ROOT = Path(__file__).parents[1]
UNTIL = date(2026, 10, 31)
CAF, CPAM = "Caisse d'Allocations Familiales", "Caisses primaires d'assurance maladie"
POLICE, GENDARMERIE = "Police nationale", "Gendarmerie nationale"
TOWNS = (
    ("Lyon", "69", "69003"),
    ("Amiens", "80", "80000"),
    ("Le Mans", "72", "72000"),
    ("Les Herbiers", "85", "85500"),
    ("Oyonnax", "01", "01100"),
    ("Haguenau", "67", "67500"),
    ("Évreux", "27", "27026"),
    ("Ajaccio", "2A", "20000"),
    ("Les Abymes", "971", "97139"),
    ("Muret", "31", "31600"),
)
NAMES = {
    CAF: "Caf, accueil",
    CPAM: "CPAM, accueil",
    POLICE: "Commissariat de police",
    GENDARMERIE: "Brigade de gendarmerie",
}
OFFICES = [
    DemoOffice(network, f"{name} ({town})", town, department, code)
    for network, name in NAMES.items()
    for town, department, code in TOWNS
]
MOODS = {"Positif", "Neutre", "Négatif"}
AXES = ("accessibilite", "information_explication", "relation", "reactivite", "simplicite")
CHANNELS = {"Guichet", "Téléphone", "Internet", "Courriel", "Courrier", "Application mobile"}
KEYS = [
    "id_experience",
    "etat_experience",
    "ecrit_le",
    "date_de_publication",
    "titre",
    "description",
    "poste_comme",
    "ressenti_usager",
    *(f"intitule_typologie_{n}" for n in (1, 2, 3)),
    *(f"intitule_structure_{n}" for n in (1, 2, 3)),
    *(f"canaux_typologie_{n}" for n in (1, 2, 3)),
    *(f"reponse_structure_{n}" for n in (1, 2, 3)),
    "date_de_premiere_reponse",
    "pays",
    "code_postal_usager",
    "amelioration_de_service_a_considerer",
    "action",
    *AXES,
    "tags_metiers",
]
DIRT = re.compile(r"\r\n|\u00a0|&nbsp;|&#39;|&eacute;|  ")
PERSON = re.compile(
    r"\b(?:M\.|MM\.|Mme|Mmes|Mlle|Monsieur|Madame|Dr|Docteur|Maître|[Bb]rigadier|[Aa]djudant"
    r"|[Cc]apitaine|[Ll]ieutenant|[Cc]ommandant|[Mm]ajor|[Gg]endarme|[Pp]olicier|[Aa]gente?"
    r"|[Cc]onseill(?:er|ère)) +[A-ZÀ-Ý]\w"
)
UNELIDED = re.compile(r"\b[Dd]e [AEIOUÉÈÊ]|\b(?:de|à) Les? |\b(?:de|le|que|je|me|se) [aeiouéê]")

Row = dict[str, object]


@cache
def sample() -> list[Row]:
    return list(experiences(OFFICES, 12_000, 2026, UNTIL))


def links(rows: list[Row]) -> list[Row]:
    """The structures of the rows, each as a row of its own, with the date of publication."""
    columns = ("intitule_typologie", "intitule_structure", "canaux_typologie", "reponse_structure")
    return [
        {column: row[f"{column}_{n}"] for column in columns} | {"date": row["date_de_publication"]}
        for row in rows
        for n in (1, 2, 3)
        if row[f"intitule_typologie_{n}"]
    ]


def day(value: object) -> date:
    return date.fromisoformat(str(value))


def texts(*keys: str) -> list[str]:
    return [str(row[key]) for row in sample() for key in keys if row[key]]


def everything_said() -> list[str]:
    replies = (f"reponse_structure_{n}" for n in (1, 2, 3))
    said = texts("titre", "description", "action", "tags_metiers", *replies)
    return [" ".join(html.unescape(text).split()) for text in said]


def share(rows: list[Row], column: str, value: object) -> float:
    return sum(row[column] == value for row in rows) / len(rows)


def answered(found: list[Row]) -> float:
    return 1 - share(found, "reponse_structure", None)


def digest(count: int) -> str:
    rows = repr(list(experiences(OFFICES, count, 7, UNTIL)))
    return hashlib.sha256(rows.encode()).hexdigest()


def test_the_same_seed_gives_the_same_in_another_process() -> None:
    code = (
        "import hashlib, datetime; from jobs.demo import DemoOffice, experiences;"
        f"offices = [DemoOffice(*o) for o in {[tuple(office) for office in OFFICES]!r}];"
        f"rows = repr(list(experiences(offices, 500, 7, {UNTIL!r})));"
        "print(hashlib.sha256(rows.encode()).hexdigest())"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    ]
    assert told == [digest(500)] * 2


def test_another_seed_gives_others() -> None:
    first, second = (list(experiences(OFFICES, 50, seed, UNTIL)) for seed in (1, 2))
    assert not [row for row in first if row in second]


def test_a_smaller_count_gives_the_first_of_them() -> None:
    assert list(experiences(OFFICES, 30, 2026, UNTIL)) == sample()[:30]


def test_no_office_is_refused() -> None:
    with pytest.raises(ValueError, match="no office"):
        experiences([], 1, 1, UNTIL)


def test_the_columns_are_those_of_the_export_in_order() -> None:
    assert {tuple(row) for row in sample()} == {tuple(KEYS)}


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("etat_experience", {"Traitée", "Publiée"}),
        ("ressenti_usager", MOODS),
        ("poste_comme", {"Usager", "Proche", "Professionnel", "Association"}),
        ("pays", {"France"}),
        ("amelioration_de_service_a_considerer", {"Oui", "Non", None}),
        ("intitule_typologie_1", set(NAMES)),
        *((axis, MOODS | {None}) for axis in AXES),
    ],
)
def test_the_values_are_those_of_the_export(column: str, values: set[object]) -> None:
    assert {row[column] for row in sample()} == values


def test_identifiers_follow_each_other_from_the_first() -> None:
    assert [row["id_experience"] for row in sample()] == list(range(1_000_001, 1_012_001))


def test_every_structure_has_channels_and_nothing_else_has() -> None:
    for row in sample():
        for n in (1, 2, 3):
            found = str(row[f"canaux_typologie_{n}"] or "").split(",")
            assert set(found) <= CHANNELS if row[f"intitule_typologie_{n}"] else found == [""]


def test_an_experience_is_dealt_with_once_all_have_replied() -> None:
    for row in sample():
        waiting = [found for found in links([row]) if not found["reponse_structure"]]
        assert row["etat_experience"] == ("Publiée" if waiting else "Traitée")


def test_the_date_of_reply_comes_with_a_reply_and_an_improvement_after_it() -> None:
    for row in sample():
        replied = any(row[f"reponse_structure_{n}"] for n in (1, 2, 3))
        assert (row["date_de_premiere_reponse"] is not None) == replied
        assert replied or row["amelioration_de_service_a_considerer"] is None
        assert not row["action"] or row["amelioration_de_service_a_considerer"] == "Oui"


def test_six_structures_in_ten_have_replied() -> None:
    assert 0.55 < answered(links(sample())) < 0.65


def test_most_of_the_last_weeks_are_unanswered() -> None:
    lately = UNTIL - timedelta(days=14)
    assert answered([link for link in links(sample()) if day(link["date"]) > lately]) < 0.3


@pytest.mark.parametrize(("mood", "target"), [("Positif", 55), ("Neutre", 15), ("Négatif", 30)])
def test_moods_have_their_shares(mood: str, target: int) -> None:
    assert share(sample(), "ressenti_usager", mood) == pytest.approx(target / 100, abs=0.04)


def positive(column: str, value: object) -> float:
    return share([row for row in sample() if row[column] == value], "ressenti_usager", "Positif")


def test_networks_fare_differently() -> None:
    assert (
        positive("intitule_typologie_1", GENDARMERIE) > positive("intitule_typologie_1", CAF) + 0.1
    )


def test_offices_of_a_network_fare_differently() -> None:
    police = [office for office in OFFICES if office.network == POLICE]
    rows = list(experiences(police, 12_000, 1, UNTIL))
    told = Counter(row["intitule_structure_1"] for row in rows if row["intitule_structure_1"])
    bad = Counter(
        row["intitule_structure_1"] for row in rows if row["ressenti_usager"] == "Négatif"
    )
    rates = [bad[name] / number for name, number in told.most_common(6)]
    assert max(rates) - min(rates) > 0.1


@pytest.mark.parametrize("mood", ["Positif", "Négatif"])
def test_the_axes_mostly_feel_like_the_whole(mood: str) -> None:
    rows = [row for row in sample() if row["ressenti_usager"] == mood]
    felt = [row[axis] for row in rows for axis in AXES if row[axis]]
    assert 0.8 < felt.count(mood) / len(felt) < 0.97


def test_one_to_three_axes_are_felt() -> None:
    assert {sum(row[axis] is not None for axis in AXES) for row in sample()} == {1, 2, 3}


def test_a_few_concern_several_networks_of_one_department() -> None:
    departments = {office.name: office.department for office in OFFICES}
    numbers = Counter(len(links([row])) for row in sample())
    assert numbers[2] / len(sample()) == pytest.approx(0.04, abs=0.01)
    assert 0.002 < numbers[3] / len(sample()) < 0.009
    for row in sample():
        found = links([row])
        named = [link["intitule_structure"] for link in found if link["intitule_structure"]]
        assert len({link["intitule_typologie"] for link in found}) == len(found)
        assert len({departments[str(name)] for name in named}) <= 1


def test_one_structure_in_fifty_is_a_network_without_an_office() -> None:
    assert share(links(sample()), "intitule_structure", None) == pytest.approx(0.02, abs=0.008)


def test_nothing_happens_after_the_last_day_nor_before_its_turn() -> None:
    for row in sample():
        written, published = day(row["ecrit_le"]), day(row["date_de_publication"])
        replied = row["date_de_premiere_reponse"]
        assert UNTIL - timedelta(days=915) < written <= published <= UNTIL
        assert replied is None or published <= day(replied) <= UNTIL


def test_moderation_takes_up_to_six_days() -> None:
    waits = {(day(row["date_de_publication"]) - day(row["ecrit_le"])).days for row in sample()}
    assert waits == set(range(7))


def test_a_reply_takes_nineteen_days_on_average_and_less_for_most() -> None:
    delays = sorted(
        (day(row["date_de_premiere_reponse"]) - day(row["date_de_publication"])).days
        for row in sample()
        if row["date_de_premiere_reponse"]
    )
    assert sum(delays) / len(delays) == pytest.approx(19, abs=2)
    assert delays[len(delays) // 2] < 15


def test_a_tenth_of_the_offices_gets_over_two_fifths() -> None:
    names = (link["intitule_structure"] for link in links(sample()) if link["intitule_structure"])
    counts = sorted(Counter(names).values(), reverse=True)
    assert sum(counts[: len(OFFICES) // 10]) / sum(counts) > 0.4


def test_people_write_less_at_weekends() -> None:
    weekdays = Counter(day(row["ecrit_le"]).weekday() for row in sample())
    assert (weekdays[5] + weekdays[6]) / 2 < 0.6 * sum(weekdays[n] for n in range(5)) / 5


def test_people_write_least_in_august_and_most_in_september() -> None:
    months = Counter(str(row["ecrit_le"])[:7] for row in sample())
    for year in (2025, 2026):
        july, august, september = (months[f"{year}-{month:02}"] for month in (7, 8, 9))
        assert august < 0.85 * july < september
    assert months["2025-01"] > months["2024-12"]


def test_more_is_written_every_autumn() -> None:
    autumns = [
        sum(str(row["ecrit_le"]).startswith((f"{year}-09", f"{year}-10")) for row in sample())
        for year in (2024, 2025, 2026)
    ]
    assert all(later > 1.15 * earlier for earlier, later in pairwise(autumns))


def test_descriptions_go_from_a_sentence_to_a_page() -> None:
    lengths = sorted(len(html.unescape(text)) for text in texts("description"))
    middle = [length for length in lengths if 150 <= length <= 500]
    assert 20 <= lengths[0] < 40
    assert 700 < lengths[-1] <= 1200
    assert len(middle) / len(lengths) > 0.7


def test_descriptions_hardly_repeat() -> None:
    descriptions = texts("description")
    assert len(set(descriptions)) / len(descriptions) > 0.95


def test_a_few_descriptions_are_dirty_in_each_way() -> None:
    dirt = [set(DIRT.findall(text)) for text in texts("description")]
    assert 0.02 < sum(map(bool, dirt)) / len(dirt) < 0.08
    assert set().union(*dirt) == {"\r\n", "\u00a0", "&nbsp;", "&#39;", "&eacute;", "  "}


def test_nobody_is_named() -> None:
    assert PERSON.search("merci à Mme Dupont")
    assert PERSON.search("le brigadier Martin")
    assert [text for text in everything_said() if PERSON.search(text)] == []


def test_words_are_elided_and_contracted() -> None:
    assert UNELIDED.search("la Caf de Amiens")
    assert [text for text in everything_said() if UNELIDED.search(text)] == []


def test_no_place_is_left_to_fill() -> None:
    assert [text for text in everything_said() if "{" in text or "}" in text] == []


def test_replies_greet_and_are_signed_by_a_function() -> None:
    signed = re.compile(r"Bonjour,.+ (?:Cordialement|Bien cordialement|.+ meilleures), (?:Le|La) ")
    replies = [str(row["reponse_structure"]) for row in links(sample()) if row["reponse_structure"]]
    unsigned = [
        reply for reply in replies if not signed.match(" ".join(html.unescape(reply).split()))
    ]
    assert unsigned == []


@pytest.mark.parametrize(
    ("name", "city", "spoken"),
    [
        ("Caf du Rhône - siège de Lyon", "Lyon Cedex 3", "la Caf de Lyon, à Lyon"),
        ("Caf - accueil de Muret", "Toulouse Cedex 9", "la Caf de Muret, à Muret"),
        ("Caf - accueil des Herbiers", "La Roche", "la Caf des Herbiers, aux Herbiers"),
        ("Caf - accueil d'Apt", "", "la Caf d'Apt, à Apt"),
        ("Caf", "Le Mans", "la Caf du Mans, au Mans"),
        ("Caf", "Évreux Cedex 9", "la Caf d'Évreux, à Évreux"),
        ("Caf", "Haguenau", "la Caf de Haguenau, à Haguenau"),
        ("Caf", "", "la Caf, dans le département"),
    ],
)
def test_offices_are_spoken_of_by_their_town(name: str, city: str, spoken: str) -> None:
    forms = place_of(CAF, name, city).forms
    assert f"{forms['le']}, {forms['a_ville']}" == spoken


def test_users_live_near_the_office_and_never_at_a_cedex() -> None:
    codes = {office.name: office.postal_code for office in OFFICES}
    known = [row for row in sample() if row["code_postal_usager"] and row["intitule_structure_1"]]
    for row in known:
        assert str(row["code_postal_usager"])[:3] == codes[str(row["intitule_structure_1"])][:3]
    assert "27026" not in {row["code_postal_usager"] for row in known}
    assert 0.8 < len(known) / len(sample()) < 0.95


def test_a_network_nobody_described_is_written_about_too() -> None:
    offices = [DemoOffice("Préfectures", "Préfecture du Rhône", "Lyon", "69", "69003")]
    rows = list(experiences(offices, 300, 1, UNTIL))
    assert {row["intitule_typologie_1"] for row in rows} == {"Préfectures"}
    assert any("Lyon" in str(row["description"]) for row in rows)


def test_an_office_without_an_address_is_written_about_too() -> None:
    rows = list(experiences([DemoOffice(CAF, "Caf", "", "", "")], 300, 1, UNTIL))
    assert {row["code_postal_usager"] for row in rows} == {None}
