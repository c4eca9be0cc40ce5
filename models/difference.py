"""What was put in place of what: two texts, compared word by word."""

import re
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple


class DiffOp(StrEnum):
    """What became of a piece of a text."""

    EQUAL = "equal"
    DELETE = "delete"
    INSERT = "insert"


class Piece(NamedTuple):
    """Words that stayed, went or came."""

    op: DiffOp
    text: str


_WORD = re.compile(r"\S+\s*|\s+")


def difference(before: str, after: str) -> list[Piece]:
    """The pieces, in order: without those that came they are `before`, without the gone `after`."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces = []
    for tag, start, end, to, until in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(DiffOp.EQUAL, "".join(old[start:end])))
            continue
        gone, come = "".join(old[start:end]), "".join(new[to:until])
        pieces += [Piece(DiffOp.DELETE, gone)] if gone else []
        pieces += [Piece(DiffOp.INSERT, come)] if come else []
    return pieces
