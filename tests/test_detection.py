import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detection import FindingKind, findings

PERSON, EMAIL, PHONE = FindingKind.PERSON_NAME, FindingKind.EMAIL, FindingKind.PHONE
NIR, IBAN, INSULT = FindingKind.SOCIAL_SECURITY, FindingKind.IBAN, FindingKind.INSULT

FOUND = [
    ("Mme Dupont m'a mal reçu.", [(PERSON, "Mme Dupont")]),
    ("J'ai vu M. Le Goff au guichet.", [(PERSON, "M. Le Goff")]),
    ("Merci à monsieur Jean DURAND !", [(PERSON, "monsieur Jean DURAND")]),
    ("mme Martin et MME PETIT", [(PERSON, "mme Martin"), (PERSON, "MME PETIT")]),
    ("Madame d'Estaing", [(PERSON, "Madame d'Estaing")]),
    ("Mlle Anne-Marie de la Tour", [(PERSON, "Mlle Anne-Marie de la Tour")]),
    ("Le Dr Knock", [(PERSON, "Dr Knock")]),
    ("M. BERNARD était aimable", [(PERSON, "M. BERNARD")]),
    ("reçu par M Dupont", [(PERSON, "M Dupont")]),
    ("Le brigadier Martin a pris ma plainte", [(PERSON, "brigadier Martin")]),
    (
        "l'agent Dupont et l'adjudant-chef LE ROUX",
        [(PERSON, "agent Dupont"), (PERSON, "adjudant-chef LE ROUX")],
    ),
    ("La conseillère Nadia K. m'a aidé", [(PERSON, "conseillère Nadia K.")]),
    ("06-12-34-56-78 ou 06/12/34/56/78", [(PHONE, "06-12-34-56-78"), (PHONE, "06/12/34/56/78")]),
    ("+33 6 12 34 56 78", [(PHONE, "+33 6 12 34 56 78")]),
    ("Écrire à anne.ex+caf@exemple.gouv.fr.", [(EMAIL, "anne.ex+caf@exemple.gouv.fr")]),
    ("Le 06 12 34 56 78 ne répond pas", [(PHONE, "06 12 34 56 78")]),
    ("0612345678, 04.72.00.00.01", [(PHONE, "0612345678"), (PHONE, "04.72.00.00.01")]),
    ("+33 (0)6 12 34 56 78", [(PHONE, "+33 (0)6 12 34 56 78")]),
    ("0033612345678 ou +262692123456", [(PHONE, "0033612345678"), (PHONE, "+262692123456")]),
    ("n° 1 85 05 78 006 084 91", [(NIR, "1 85 05 78 006 084 91")]),
    ("FR76 3000 6000 0112 3456 7890 189", [(IBAN, "FR76 3000 6000 0112 3456 7890 189")]),
    ("Quel connard, ces IMBÉCILES", [(INSULT, "connard"), (INSULT, "IMBÉCILES")]),
]
NOTHING = [
    "Madame, Monsieur, je vous écris.",
    "M. le Préfet et Mme la Directrice",
    "monsieur le maire",
    "Mme la directrice de l'agence a répondu",
    "Bonjour Madame Je vous écris au sujet de mon dossier",
    "La commissaire et le brigadier étaient là, un agent CAF aussi",
    "Mon conseiller France Travail et le conseiller Numérique",
    "Une agente d'accueil rue du Colonel Fabien, place du Commandant Charcot",
    "Le ramassage des ordures ménagères",
    "Madame la Sous-préfète, Monsieur le Procureur",
    "Monsieur l'Agent de la Caf",
    "Le 3230 ou le 17, et le 0800 123 456",
    "Dossier 061234567890 du 01 02 2024",
    "1 85 05 78 006 084 92",
    "FR76 3000 6000 0112 3456 7890 188",
    "Je vais me reconnecter dans la salle, conseil de M.",
    "arobase @ seule, et a@b",
    "",
]


@pytest.mark.parametrize(("text", "wanted"), FOUND)
def test_what_should_be_looked_at_is_found(
    text: str, wanted: list[tuple[FindingKind, str]]
) -> None:
    assert [(one.kind, text[one.start : one.end]) for one in findings(text)] == wanted


@pytest.mark.parametrize("text", NOTHING)
def test_what_names_nobody_is_left_alone(text: str) -> None:
    assert findings(text) == []


@given(st.text() | st.from_regex(r"(M\. |Mme |A|a@|06 | 1|FR7|é|\.){0,40}"))
def test_findings_are_in_order_and_inside_whatever_the_text(text: str) -> None:
    ends = [0]
    for one in findings(text):
        assert ends[-1] <= one.start < one.end <= len(text)
        ends.append(one.end)


HOSTILE = {
    "an address without end": "a@" + "a." * 10_000,
    "numbers": "0" * 20_000,
    "half telephone numbers": "06 12 34 56 " * 1_700,
    "half social security numbers": "1 85 05 78 " * 1_800,
    "half accounts": "FR76 3000 " * 2_000,
    "titles": "Mme " * 5_000,
    "initials": "Mme " + "A " * 10_000,
    "particles": "Mme " + "de la " * 3_300,
    "ranks": "agent Aa " * 2_200,
    "hyphens": "Mme " + "A-" * 10_000,
    "accents": "é " * 10_000,
    "names": "M. Aaa Bbb Ccc " * 1_300,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_costs_no_more_than_another(text: str) -> None:
    took = []
    for _ in range(5):
        began = time.process_time()
        findings(text)
        took.append(time.process_time() - began)

    assert min(took) < 0.05


@given(st.integers(0, 10**13 - 1), st.integers(0, 96))
def test_a_social_security_number_is_one_by_its_key(number: int, off: int) -> None:
    body = f"1{number % 10**12:012}"
    key = 97 - int(body) % 97
    wrong = (key + off) % 97 + 1

    told = [one.kind for one in findings(f"n° {body}{key:02}")]
    assert told == [NIR]
    if wrong != key:
        assert NIR not in [one.kind for one in findings(f"n° {body}{wrong:02}")]
