import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from models.text import MAX_ESCAPES, MAX_TERM, clean, fold, search_terms, words

# What makes up entities comes often, so that escapes within escapes are met.
received = some.lists(
    some.sampled_from([*"&;#x38 \n\r\t", "amp", "nbsp", "lt", "\x00", "\u037e", "e\u0301"])
    | some.characters()
).map("".join)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("L&#39;accueil &amp; l&rsquo;&eacute;coute", "L'accueil & l’écoute"),
        ("deux fois&amp;nbsp;: &amp;lt;", "deux fois : <"),
        ("un\r\ndeux\rtrois\nquatre", "un\ndeux\ntrois\nquatre"),
        ("prix\u00a0: 3\u202f€ \u2009 ?", "prix : 3 € ?"),
        ("  bords \n  et lignes\t\tvides \n\n\n\n fin\n", "bords\net lignes vides\n\nfin"),
        ("\ufeffNUL\x00 son\x07nerie\x1b \u200bet\x85 \ud800seul", "NUL sonnerie et seul"),
        ("e\u0301te\u0301", "été"),
        ("un\u200d🧑\u200d🦽", "un\u200d🧑\u200d🦽"),
        ("&#0;&#13;&#xD800;", "\ufffd\n\ufffd"),
        ("", ""),
    ],
)
def test_what_is_received_is_cleaned(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(received)
@example("&am\x00p;lt;")
@example("&rarr\u037e")
@example("&" + "amp;" * 3 * MAX_ESCAPES + "nbsp;")
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(received)
def test_what_is_clean_can_be_stored_anywhere(text: str) -> None:
    assert "\x00" not in clean(text).encode("utf-8").decode()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Élève À L'ÉCOLE", "eleve a l'ecole"),
        ("Œuvre, cœur, ex æquo, ﬁn", "oeuvre, coeur, ex aequo, fin"),
        ("Straße", "strasse"),
        ("ℌ²", "h2"),
    ],
)
def test_case_accents_and_ligatures_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(some.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_words_are_told_apart_by_anything_that_is_no_letter_or_digit() -> None:
    assert words("L'Haÿ-les-Roses (94), snake_case") == [
        *("l", "hay", "les", "roses", "94", "snake", "case")
    ]


@pytest.mark.parametrize(
    "alike",
    [
        "délai délais DELAI",
        "attente attentes l'attente d'attente",
        "agent agents l’agent",
        "accueillant accueillants accueillante accueillantes",
        "cœur coeur cœurs",
        "répond répondez",
        "attendu attendus",
        "reçu reçus reçue",
        "local locaux",
        "traité traitée traités",
        "dossier dossiers",
    ],
)
def test_endings_accents_and_elisions_are_found_alike(alike: str) -> None:
    assert len({tuple(search_terms(word)) for word in alike.split()}) == 1


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Je n'ai pas eu de réponse à ma demande.", ["repon", "demand"]),
        ("L'agent d'accueil qu'il m'a envoyé", ["agent", "accueil", "envoy"]),
        ("le la les, et c'est", []),
        ("", []),
    ],
)
def test_words_that_say_nothing_are_no_terms(text: str, terms: list[str]) -> None:
    assert search_terms(text) == terms


def test_words_longer_than_a_database_looks_for_are_cut_alike() -> None:
    assert search_terms("x" * 5_000) == search_terms("x" * MAX_TERM)
