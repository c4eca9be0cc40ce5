"""Taking words out of a text, so that nobody reads them any more."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from models.errors import BadInput


class RedactedField(StrEnum):
    """A text of a review."""

    TITLE = "title"
    DESCRIPTION = "description"


MASK = "[…]"
MAX_SPANS = 100


class Span(NamedTuple):
    """Code points from `start` up to, and without, `end`."""

    start: int
    end: int


def redact(text: str, spans: Iterable[Span], *field: str) -> str:
    """`text` with a mask in place of each span; spans that touch or overlap share one.

    Raises BadInput, naming `field`, for a span that is empty or beyond the text.
    """
    whole = sorted(spans)
    if len(whole) > MAX_SPANS or any(not 0 <= span.start < span.end <= len(text) for span in whole):
        raise BadInput("A redaction is empty, or beyond the text.", *field)
    kept, at = "", 0
    for start, end in whole:
        if start > at or not kept:
            kept += text[at:start] + MASK
        at = max(at, end)
    return kept + text[at:]
