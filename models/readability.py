"""How easily French text reads: a hint, not a measure of worth."""

from functools import cache
from typing import Any

LEAST = 100
"""Words below which the figure means nothing."""


@cache
def _french() -> Any:
    from textstat.textstat import textstatistics  # noqa: PLC0415  (70 MiB: only for those who ask)

    french = textstatistics()
    french.set_lang("fr")
    return french


def readability(text: str) -> int | None:
    """The index of Kandel and Moles, 0 (hard) to 100 (easy); null up to 100 words."""
    if len(text.split()) <= LEAST:
        return None
    index: float = _french().flesch_reading_ease(text)
    return round(min(100.0, max(0.0, index)))
