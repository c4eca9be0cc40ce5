"""Text as received, as shown and as searched."""

import html
import re
import unicodedata
from functools import lru_cache

from snowballstemmer import stemmer

_STEM = stemmer("french")
_WORD = re.compile(r"[^\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
# Control characters (but newline and tab), lone surrogates and the NUL that PostgreSQL refuses.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u200b]")

MAX_ESCAPES = 8
"""How many times over an entity may be escaped: `&amp;amp;nbsp;` is three."""

MAX_TERM = 64
"""Characters of a word that count: PostgreSQL refuses to look for words of 2 KB."""

# Words that say nothing of the subject, unaccented as `fold` leaves them.
STOP_WORDS = frozenset(
    """
    a ai as au aux avec c ce ces cet cette d dans de des du elle elles en est et etait ete eu
    il ils j je l la le les leur leurs lui m ma mais me mes moi mon n ne nos notre nous on ont ou
    par pas pour qu que qui s sa se ses si son sont sur t ta te tes toi ton tu un une vos votre
    vous y
    """.split()
)


def clean(received: str) -> str:
    """`received` without HTML entities, control characters, odd spaces or trailing blanks.

    What is clean stays as it is.
    """
    text = received
    for _ in range(MAX_ESCAPES):
        before, text = text, _cleaned(text)
        if "&" not in text or text == before:
            return text
    # Escaped deeper than any software does: not worth more passes, and not to be left half done.
    return _cleaned(text.replace("&", ""))


def line(received: str) -> str:
    """`received`, clean and on one line."""
    return " ".join(clean(received).split())


def _cleaned(text: str) -> str:
    text = html.unescape(text).replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", _UNPRINTABLE.sub("", text))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def fold(text: str) -> str:
    """`text` in lower case without accents or ligatures."""
    if text.isascii():
        return text.lower()
    # Decomposed first: a letter that is one by compatibility only would keep its case.
    folded = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", folded.replace("œ", "oe").replace("æ", "ae"))
    return _ACCENTS.sub("", decomposed)


@lru_cache(maxsize=200_000)
def _stem(word: str) -> str:
    # Without accents the stemmer takes "traitée" for a word in -ée, and it leaves endings in -s
    # and -x alone: hence twice, with those taken off before and after.
    stem = word[:-1] if len(word) > 3 and word.endswith("s") else word
    stem = str(_STEM.stemWord(_STEM.stemWord(stem)))
    return stem[:-1] if len(stem) > 4 and stem[-1] in "sx" else stem


def words(text: str) -> list[str]:
    """The words of `text`, folded, in order."""
    return _WORD.findall(fold(text))


def search_terms(text: str) -> list[str]:
    """The stems that French `text` is found by, in order, stop words left out.

    One definition for what is stored and what is asked, so that SQLite and PostgreSQL find the
    same. Accents go before stemming: many people type without them.
    """
    return [_stem(word[:MAX_TERM]) for word in words(text) if word not in STOP_WORDS]
