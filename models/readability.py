"""How easily French text reads: a hint, not a measure of worth."""

from textstat.textstat import textstatistics

LEAST = 100
"""Words below which the figure means nothing."""

_FRENCH = textstatistics()
_FRENCH.set_lang("fr")


def readability(text: str) -> int | None:
    """The index of Kandel and Moles, 0 (hard) to 100 (easy); null up to 100 words."""
    if len(text.split()) <= LEAST:
        return None
    index: float = _FRENCH.flesch_reading_ease(text)
    return round(min(100.0, max(0.0, index)))
