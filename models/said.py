"""What people type in, cleaned and bounded."""

from models import text
from models.errors import BadInput

MAX_SAID = 2_000
"""Characters of a comment, a reason, or a word on something."""

MAX_NAME = 64
"""Characters of a name that people give to something."""


def said(given: str, *field: str) -> str:
    """`given` without what can't be shown. Raises BadInput for nothing, or too much."""
    cleaned = text.clean(given)
    if not 0 < len(cleaned) <= MAX_SAID:
        raise BadInput("1 to {most} characters are expected.", *field, most=MAX_SAID)
    return cleaned


def noted(given: str, *field: str) -> str:
    """The same, where nothing may be said."""
    return said(given, *field) if text.clean(given) else ""


def named(given: str, *field: str) -> str:
    """`given` as a name, on one line. Raises BadInput for nothing, or too much."""
    name = " ".join(text.clean(given).split())
    if not 0 < len(name) <= MAX_NAME:
        raise BadInput("1 to {most} characters are expected.", *field, most=MAX_NAME)
    return name
