"""docs/reference.md: the whole schema to read without a server, made from its descriptions."""

from collections.abc import Iterable, Iterator, Mapping

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)

_TOP = """# Reference

Every operation and type of [schema/schema.graphql](../schema/schema.graphql). `make sdl` makes this
page. Types end in `!` when they are never null.
"""
_KINDS: tuple[tuple[str, type[GraphQLNamedType] | tuple[type[GraphQLNamedType], ...]], ...] = (
    ("Types", (GraphQLObjectType, GraphQLInterfaceType, GraphQLUnionType)),
    ("Inputs", GraphQLInputObjectType),
    ("Enums", GraphQLEnumType),
)

_Fields = Mapping[str, GraphQLField] | Mapping[str, GraphQLInputField]


def reference(schema: GraphQLSchema) -> str:
    """The page."""
    roots = [schema.query_type, schema.mutation_type, schema.subscription_type]
    parts = [_TOP]
    for root in filter(None, roots):
        parts += [f"## {root.name}\n", *_operations(root)]
    rest = sorted(
        (
            kind
            for kind in schema.type_map.values()
            if not (is_introspection_type(kind) or is_specified_scalar_type(kind) or kind in roots)
        ),
        key=lambda kind: kind.name,
    )
    for title, kinds in _KINDS:
        parts.append(f"## {title}\n")
        parts += [part for kind in rest if isinstance(kind, kinds) for part in _type(kind)]
    return "\n".join(parts)


def _operations(root: GraphQLObjectType) -> Iterator[str]:
    for name, field in root.fields.items():
        yield f"### {root.name.lower()} {name}\n\n{_said(field.description)}\n"
        yield f"Gives {_linked(field)}.\n"
        if field.args:
            yield _table("argument", field.args)


def _type(kind: GraphQLNamedType) -> Iterator[str]:
    yield f"### {kind.name}\n\n{_said(kind.description)}\n"
    if isinstance(kind, GraphQLObjectType) and kind.interfaces:
        yield f"Implements {_all(kind.interfaces)}.\n"
    if isinstance(kind, GraphQLUnionType):
        yield f"One of {_all(kind.types)}.\n"
    elif isinstance(kind, GraphQLEnumType):
        rows = "".join(f"| `{k}` | {_cell(v.description)} |\n" for k, v in kind.values.items())
        yield f"| value | what it is |\n|---|---|\n{rows}"
    elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        yield _table("field", kind.fields)


def _all(kinds: Iterable[GraphQLNamedType]) -> str:
    return ", ".join(f"[{kind.name}](#{kind.name.lower()})" for kind in kinds)


def _table(what: str, fields: _Fields | Mapping[str, GraphQLArgument]) -> str:
    rows = "".join(
        f"| `{name}` | {_linked(field)}{_default(field)} | {_cell(field.description)} |\n"
        for name, field in fields.items()
    )
    return f"| {what} | type | what it is |\n|---|---|---|\n{rows}"


def _linked(field: GraphQLField | GraphQLInputField | GraphQLArgument) -> str:
    named = get_named_type(field.type)
    if is_specified_scalar_type(named):
        return f"`{field.type}`"
    return f"[`{field.type}`](#{named.name.lower()})"


def _default(field: GraphQLField | GraphQLInputField | GraphQLArgument) -> str:
    value = getattr(field, "default_value", Undefined)
    return "" if value in (Undefined, None) else f" = `{value}`"


def _said(text: str | None) -> str:
    return " ".join((text or "").split())


def _cell(text: str | None) -> str:
    return _said(text).replace("|", "\\|")
