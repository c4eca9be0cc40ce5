from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
)

from schema.__main__ import ROOT, SDL, events, roles, workflows
from schema.errors import CODES
from schema.root import schema
from settings import Settings

DOCS = Path(__file__).parent.parent / "docs"


def undescribed() -> list[str]:
    """Everything a client sees that says nothing of itself."""
    missing = []
    for name, kind in schema._schema.type_map.items():
        if name.startswith("__"):
            continue
        if not kind.description:
            missing.append(name)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in kind.fields.items():
                if not field.description:
                    missing.append(f"{name}.{field_name}")
                for argument_name, argument in getattr(field, "args", {}).items():
                    if not argument.description:
                        missing.append(f"{name}.{field_name}({argument_name})")
        if isinstance(kind, GraphQLEnumType):
            missing += [
                f"{name}.{key}" for key, value in kind.values.items() if not value.description
            ]
    return missing


def test_every_type_field_argument_and_value_is_described() -> None:
    assert undescribed() == []


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    assert (ROOT / SDL).read_text() == f"{schema.as_str()}\n"


def test_the_table_of_rights_is_the_one_that_holds() -> None:
    assert (DOCS / "roles.md").read_text() == roles()


def test_the_workflows_are_drawn_as_they_are_enforced() -> None:
    page = (DOCS / "workflows.md").read_text()

    assert page == workflows()
    assert "draft --> submitted: submit" in page
    assert "withdrawn --> [*]" in page


def test_the_catalogue_of_events_is_the_one_that_is_written_by() -> None:
    assert (DOCS / "events.md").read_text() == events()


def test_every_error_code_is_documented_with_what_it_says() -> None:
    page = (DOCS / "errors.md").read_text()

    assert [code for code, said in CODES.items() if f"| `{code}` | {said} |" not in page] == []


SECRETS = ("secret", "password", "credential", "cookie", "bearer", "token")


def test_no_operation_takes_a_secret() -> None:
    given: set[str] = set()
    for kind in schema._schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            given |= set(kind.fields)
        elif isinstance(kind, GraphQLObjectType):
            given |= {name for field in kind.fields.values() for name in field.args}

    assert "expectedVersion" in given
    assert [name for name in given if name.lower().endswith(SECRETS)] == []


def test_every_setting_is_documented_with_its_default() -> None:
    page = (DOCS / "settings.md").read_text()
    rows = [
        f"| `RELAIS_{name.upper()}` | {field.default if field.default is not None else ''} "
        f"| {field.description} |"
        for name, field in Settings.model_fields.items()
    ]

    assert [row for row in rows if row not in page] == []
