"""Which words set some texts apart from others."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from models.text import search_terms, words

LEAST = 3
"""Texts that must hold a word for it to be told."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, as it is written most often, and in how many texts of either kind it is."""

    text: str
    here: int
    elsewhere: int
    weight: float


def telling(here: Sequence[str], elsewhere: Sequence[str], most: int) -> list[Word]:
    """Words that the texts of `here` hold more often than those of `elsewhere`, the most so first.

    Words in any form are one, stop words none; each counts once in a text. The weight is the
    log-likelihood ratio of Dunning (1993).
    """
    written: dict[str, Counter[str]] = {}
    ours, theirs = _held(here, written), _held(elsewhere, {})
    told = []
    for stem, count in ours.items():
        other = theirs.get(stem, 0)
        more = count * len(elsewhere) > other * len(here)
        if count >= LEAST and more:
            weight = _ratio(count, len(here), other, len(elsewhere))
            told.append(Word(written[stem].most_common(1)[0][0], count, other, weight))
    return sorted(told, key=lambda word: (-word.weight, word.text))[:most]


def _held(texts: Iterable[str], written: dict[str, Counter[str]]) -> Counter[str]:
    held: Counter[str] = Counter()
    for text in texts:
        stems = set()
        for word in set(words(text)):
            for stem in search_terms(word):
                written.setdefault(stem, Counter())[word] += 1
                stems.add(stem)
        held.update(stems)
    return held


def _ratio(here: int, of_here: int, elsewhere: int, of_elsewhere: int) -> float:
    share = (here + elsewhere) / (of_here + of_elsewhere)
    cells = (
        (here, of_here * share),
        (of_here - here, of_here * (1 - share)),
        (elsewhere, of_elsewhere * share),
        (of_elsewhere - elsewhere, of_elsewhere * (1 - share)),
    )
    return 2 * sum(seen * log(seen / expected) for seen, expected in cells if seen)
