"""Nothing reads or writes what is protected but through auth/scope.py."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROTECTED = {
    "Comment",
    "ContactRequest",
    "Delivery",
    "Endpoint",
    "Event",
    "Export",
    "Improvement",
    "LateEdit",
    "Mention",
    "ModerationFigure",
    "Move",
    "Reply",
    "ReplyTemplate",
    "ReplyVersion",
    "Review",
    "ReviewFlag",
    "ReviewOriginal",
    "ReviewStructure",
    "SavedFilter",
    "StructureTag",
    "Submission",
    "Tombstone",
    "Task",
    "Transfer",
    "Attachment",
    "Document",
    "DocumentReport",
    "ReportOriginal",
    "ReportVersion",
}
QUERIES = {"all", "filter", "get", "get_or_none", "first", "exclude", "raw", "annotate", "exists"}


def breaches(source: str) -> list[str]:
    """Where `source` reads what is protected by itself, or opens the gate to itself."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in PROTECTED and node.func.attr in QUERIES:
                found.append(f"{owner.id}.{node.func.attr}")
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name == "Scoped":
                found.append("Scoped(...)")
    return found


def raw_reads(source: str) -> list[str]:
    """The calls in `source` that send SQL to the database."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    names = (getattr(call.func, "attr", getattr(call.func, "id", "")) for call in calls)
    return [name for name in names if name == "fetch" or name.startswith("execute_")]


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).glob("*.py"))]


# The one place where a scoped read becomes SQL, and reads of what is open data.
SENDS_SQL = {
    "resolvers/rows.py",
    "resolvers/figures.py",
    "resolvers/reference.py",
    "schema/health.py",
}


@pytest.mark.parametrize("path", modules("resolvers", "schema"), ids=str)
def test_no_use_case_reads_past_the_gate(path: Path) -> None:
    assert breaches(path.read_text()) == []


@pytest.mark.parametrize("path", modules("resolvers", "schema"), ids=str)
def test_sql_is_sent_from_one_place(path: Path) -> None:
    sends = bool(raw_reads(path.read_text()))

    assert not sends or str(path.relative_to(ROOT)) in SENDS_SQL


def test_only_the_gate_makes_a_scope() -> None:
    others = [path for path in modules("auth", "jobs", "models") if path.name != "scope.py"]

    assert [path for path in others if "Scoped(...)" in breaches(path.read_text())] == []


@pytest.mark.parametrize(
    "fault",
    [
        "rows = await Review.filter(id=key)",
        "rows = Review.all()",
        "row = await Reply.get(id=1).values()",
        "scoped = Scoped(Review)",
        "scoped = scope.Scoped(Review, where=())",
    ],
)
def test_the_test_sees_a_way_past_the_gate(fault: str) -> None:
    assert breaches(f"async def use_case():\n    {fault}") != []


@pytest.mark.parametrize("fault", ["await fetch(Sql('SELECT 1'))", "db.execute_query('SELECT 1')"])
def test_the_test_sees_sql_sent_elsewhere(fault: str) -> None:
    assert raw_reads(f"async def use_case():\n    {fault}") != []
