"""What in a text a moderator should look at: rules that propose, and decide nothing."""

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from models.text import fold


class FindingKind(StrEnum):
    """What a passage looks like."""

    PERSON_NAME = "person_name"
    EMAIL = "email"
    PHONE = "phone"
    SOCIAL_SECURITY = "social_security"
    IBAN = "iban"
    INSULT = "insult"


class FoundBy(StrEnum):
    """What found it."""

    RULE = "rule"
    MODEL = "model"


class Finding(NamedTuple):
    """Code points from `start` up to `end` of a text, and what they look like."""

    kind: FindingKind
    start: int
    end: int
    by: FoundBy = FoundBy.RULE


_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
_PHONE = re.compile(
    r"(?<![\d+])(?:(?:\+|00)(?:33|262|59\d|68\d)[ .]?(?:\(0\)[ .]?)?|0)[1-79](?:[ ./-]?\d{2}){4}"
    r"(?!\d)"
)
_NIR = re.compile(
    r"(?<!\d)[12][ .]?\d{2}[ .]?\d{2}[ .]?(?:\d{2}|2[ABab])[ .]?\d{3}[ .]?\d{3}[ .]?\d{2}(?!\d)"
)
_IBAN = re.compile(r"\bFR\d{2}(?: ?[0-9A-Z]{4}){5} ?[0-9A-Z]{3}\b")
_TITLE = (
    r"(?:M\.|MM\.|M(?=\s[A-ZÀ-Þ][a-zà-ÿ])|Mr\.?|Dr\.?|M[Mm][Ee]s?|mme|Mlle|mlle|Melle|[Mm]onsieur|[Mm]adame|MONSIEUR|MADAME"
    r"|[Mm]ademoiselle|[Mm]aître)"
)
_NAME = r"[A-ZÀ-ÖØ-Þ](?:[\w'’-]{1,40}|\.)"
_PERSON = re.compile(
    rf"(?<!\w){_TITLE}\s{{1,3}}((?:(?:de|du|des|d['’]|la|le|van|ben|el)\s?){{0,2}}{_NAME}"
    rf"(?:\s(?:(?:de|du|d['’]|la|le)\s?){{0,2}}{_NAME}){{0,2}})"
)
# Who has a rank and a name; a street that is named for a colonel is none.
_RANKED = re.compile(
    r"(?<!rue du )(?<!avenue du )(?<!place du )(?<!boulevard du )(?<!quai du )(?<!allée du )"
    r"(?<!caserne du )(?<!\w)(?:[Bb]rigadi(?:er|ère)(?:-chef)?|[Gg]endarme|[Aa]djudante?(?:-chef)?"
    r"|[Mm]aréchal des logis|[Ll]ieutenante?|[Cc]apitaine|[Cc]ommandante?|[Cc]olonel|[Mm]ajor"
    r"|[Cc]ommissaire|[Pp]olici(?:er|ère)|[Ii]nspect(?:eur|rice)|[Aa]gente?|[Dd]octeure?"
    r"|[Cc]onseill(?:er|ère|ere)|[Gg]uicheti(?:er|ère)|[Cc]ontrôleu(?:r|se)|[Dd]irect(?:eur|rice))"
    rf"\s{{1,3}}(?!(?!(?:LE|LA|DE|DU)\b)[A-Z]{{2,4}}\b)({_NAME}(?:\s{_NAME}){{0,2}})"
)
_WORD = re.compile(r"[^\W\d_]+")
# Whoever is called by an office is not named, and a sentence may begin after "Madame".
_OFFICES = frozenset(
    "madame monsieur maire prefet prefete directeur directrice president presidente ministre agent"
    " conseiller conseillere responsable caf cpam police gendarmerie mairie prefecture sous chef"
    " procureur juge commissaire inspecteur receveur urssaf carsat france pole travail emploi"
    " numerique clientele principal principale general generale regional departemental municipal"
    " national social sociale accueil je j nous vous il elle ils elles on ce cette mon ma mes suite"
    " merci bonjour bonsoir cordialement pourriez pouvez".split()
)
_PARTICLES = frozenset("d de del du des l la le les van ben el".split())
_INSULTS = frozenset(
    "connard connards connasse connasses salope salopes salaud salauds encule encules enfoire"
    " enfoires abruti abrutis abrutie debile debiles cretin cretins cretine imbecile imbeciles"
    " pute putes batard batards idiot idiots idiote idiotes bougnoule negre"
    " youpin pede tapette".split()
)


def findings(text: str) -> list[Finding]:
    """What to look at in `text`, in order, never overlapping: of two, the one that begins first."""
    return first_of([one for rule in _RULES for one in rule(text)])


def first_of(found: Iterable[Finding], others: Iterable[Finding] = ()) -> list[Finding]:
    """`found` in order without what overlaps, and those of `others` that meet none of it."""
    kept: list[Finding] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or kept[-1].end <= one.start:
            kept.append(one)
    free = [one for one in others if all(one.end <= it.start or it.end <= one.start for it in kept)]
    return first_of([*kept, *free]) if free else kept


def _matches(
    kind: FindingKind, pattern: re.Pattern[str], holds: Callable[[str], bool] = bool
) -> Callable[[str], Iterator[Finding]]:
    def find(text: str) -> Iterator[Finding]:
        for match in pattern.finditer(text):
            if holds(match[match.lastindex or 0]):
                yield Finding(kind, match.start(), match.end())

    return find


def _is_nir(number: str) -> bool:
    """Whether the key of a social security number is right; Corsica's 2A and 2B count as 19, 18."""
    digits = re.sub(r"[ .]", "", number).upper().replace("2A", "19").replace("2B", "18")
    return digits.isdecimal() and int(digits[-2:]) == 97 - int(digits[:-2]) % 97


def _is_iban(number: str) -> bool:
    plain = number.replace(" ", "")
    return int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97 == 1


def _is_person(called: str) -> bool:
    name = [word for word in _WORD.findall(fold(called)) if word not in _PARTICLES]
    return not _OFFICES.intersection(name[:1])


def _insults(text: str) -> Iterator[Finding]:
    for match in _WORD.finditer(text):
        if fold(match[0]) in _INSULTS:
            yield Finding(FindingKind.INSULT, match.start(), match.end())


_RULES = (
    _matches(FindingKind.EMAIL, _EMAIL),
    _matches(FindingKind.IBAN, _IBAN, _is_iban),
    _matches(FindingKind.SOCIAL_SECURITY, _NIR, _is_nir),
    _matches(FindingKind.PHONE, _PHONE),
    _matches(FindingKind.PERSON_NAME, _PERSON, _is_person),
    _matches(FindingKind.PERSON_NAME, _RANKED, _is_person),
    _insults,
)
