"""Whatever a client may be told, there is a French sentence for it."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import Refusal
from resolvers.viewers import ADVICE
from schema.errors import CODES
from schema.french import FRENCH
from tests.test_gate import modules


def kinds(refusal: type[Refusal] = Refusal) -> set[str]:
    """The names of all refusals."""
    below = (kinds(kind) for kind in refusal.__subclasses__())
    return {refusal.__name__}.union(*below)


TOLD = kinds() | {"BadRequest"}


def sentences(source: str) -> Iterator[str]:
    """What the refusals in `source` say; `?` for what can't be told from the text alone."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        named: dict[str, object] = {
            node.targets[0].id: node.value.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        passed = {one.arg for one in function.args.args}
        for call in ast.walk(function):
            if isinstance(call, ast.Call):
                yield from said(call, named, passed)


def said(call: ast.Call, named: dict[str, object], passed: set[str]) -> Iterator[str]:
    kind = getattr(call.func, "id", "")
    if kind.startswith("_"):  # a helper may be handed what to say
        constants = (one.value for one in call.args if isinstance(one, ast.Constant))
        yield from (one for one in constants if isinstance(one, str) and one.endswith("."))
    position = 2 if kind == "BadRequest" else 0
    if kind not in TOLD or len(call.args) <= position:
        return
    argument = call.args[position]
    name = getattr(argument, "id", "")
    value = argument.value if isinstance(argument, ast.Constant) else named.get(name)
    if isinstance(value, str):
        yield value
    elif name not in passed and not isinstance(argument, ast.Attribute | ast.JoinedStr):
        yield "?"


@pytest.mark.parametrize("path", modules("models", "auth", "resolvers", "schema"), ids=str)
def test_every_refusal_is_told_in_french_too(path: Path) -> None:
    untold = [one for one in sentences(path.read_text()) if one not in FRENCH]

    assert untold == []


def test_the_refusals_are_found() -> None:
    paths = modules("models", "resolvers", "schema")
    found = {one for path in paths for one in sentences(path.read_text())}

    assert {
        "People have no tokens: they sign in.",
        "There is no region of that code.",
        "The body is not JSON.",
    } <= found


@pytest.mark.parametrize(
    "fault",
    ['raise BadInput("Not in French.")', 'message = "Not in French."\n    raise BadInput(message)'],
)
def test_the_test_sees_a_sentence_without_french(fault: str) -> None:
    assert list(sentences(f"def use_case():\n    {fault}")) == ["Not in French."]


def test_every_code_and_advice_is_told_in_french_too() -> None:
    assert [one for one in (*CODES.values(), ADVICE) if one not in FRENCH] == []


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_tell_the_same_values() -> None:
    assert [one for one, french in FRENCH.items() if places(one) != places(french)] == []
