"""The fast path of execution: what is only read off plain rows is completed column by column.

A selection of plain attributes is compiled once for an operation into functions over columns, which
know the good case only. Whatever surprises them (a null that must not be, something to await, an
exception, a value that its scalar refuses) ends the attempt, and graphql-core completes the very
same value in its own way: nulls, errors and their paths are always the library's
(docs/decisions/0026).
"""

import weakref
from collections.abc import Callable, Iterable
from itertools import chain, islice
from math import isfinite
from operator import attrgetter
from types import GeneratorType, NoneType
from typing import Any, TypeAlias

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLString,
    GraphQLType,
    TypeNameMetaFieldDef,
    get_nullable_type,
    is_leaf_type,
    type_from_ast,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path, Undefined
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

Values: TypeAlias = list[Any]
Column: TypeAlias = Callable[[Values, set[type]], Values]
"""From values and their classes to what clients get of them."""

PATIENCE = 8
"""Attempts in vain after which a plan is no longer tried, unless as many went well."""


class Surprise(Exception):
    """Not the plain case: graphql-core is to complete this value."""


class Plan:
    """How a selection of a type is completed, and whether that went well so far."""

    __slots__ = ("_column", "_credit")

    def __init__(self, column: Column | None) -> None:
        self._column = column
        self._credit = PATIENCE

    def complete(self, values: Values) -> Values | None:
        """`values` completed; None when that takes more than the plan knows."""
        if self._column is None:
            return None
        try:
            done = self._column(values, {*map(type, values)})
        except Exception:  # noqa: BLE001  (whatever it was, the library meets it again and tells it)
            self._credit -= 1
            if not self._credit:
                self._column = None
            return None
        self._credit = min(self._credit + 1, PATIENCE)
        return done


class FastExecutor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, with the fast path in front of it.

    `plans` are those of the operation: one for each selection met while it ran with the same
    answers to @skip and @include.
    """

    plans: dict[Any, Plan] | None

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        hooks = self.middleware_manager
        # Middlewares must see every field.
        self.plans = None if hooks and hooks.middlewares else self._known_plans()

    def _known_plans(self) -> dict[Any, Plan]:
        operation = self.operation
        if id(operation) not in _PLANS:
            _PLANS[id(operation)] = {}
            weakref.finalize(operation, _PLANS.pop, id(operation), None)
        answers = tuple(
            self.variable_values.coerced.get(one.variable.name.value)
            for one in operation.variable_definitions or ()
            if _is_boolean(type_from_ast(self.schema, one.type))
        )
        return _PLANS[id(operation)].setdefault((self.schema, answers), {})

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """One object: fast where that can be."""
        done = self._fast(return_type, field_details_list, [result])
        if done is not None:
            return done[0]
        return super().complete_object_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def complete_list_value(
        self,
        return_type: GraphQLList[GraphQLOutputType],
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """A list: fast where that can be, and never the resolver's own."""
        if type(result) is list:
            done = self._fast(return_type.of_type, field_details_list, result)
            if done is not None:
                return done.copy() if done is result else done
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def _fast(
        self, kind: GraphQLOutputType, details: FieldDetailsList, values: Values
    ) -> Values | None:
        if self.plans is None:
            return None
        key = (kind, *[id(one.node) for one in details])
        plan = self.plans.get(key)
        if plan is None:
            plan = self.plans[key] = Plan(self._compiled(kind, details))
        return plan.complete(values)

    def _compiled(self, kind: GraphQLOutputType, details: FieldDetailsList) -> Column | None:
        inner = get_nullable_type(kind)
        column: Column | None = None  # abstract types choose their fields value by value
        if is_leaf_type(inner):
            column = _leaf(inner)
        elif isinstance(inner, GraphQLList):
            item = self._compiled(inner.of_type, details)
            column = item and _listing(item)
        elif isinstance(inner, GraphQLObjectType):
            column = self._record(inner, details)
        return column and _guarded(column, nullable=inner is kind)

    def _record(self, kind: GraphQLObjectType, details: FieldDetailsList) -> Column | None:
        parts: dict[str, tuple[Callable[[Any], Any], Column]] = {}
        for name, below in self.collect_subfields(kind, details).grouped_field_set.items():
            field = self.schema.get_field(kind, below[0].node.name.value)
            if field is TypeNameMetaFieldDef:
                parts[name] = (lambda _: kind.name), (lambda values, _: values)
                continue
            attribute = _attribute(field) if field else None
            column = self._compiled(field.type, below) if field and attribute else None
            if attribute is None or column is None:
                return None
            parts[name] = attrgetter(attribute), column
        return _records(kind, parts)


def _is_boolean(kind: GraphQLType | None) -> bool:
    """Whether it may stand in @skip and @include."""
    return kind is GraphQLBoolean or (
        isinstance(kind, GraphQLNonNull) and kind.of_type is GraphQLBoolean
    )


_PLANS: dict[int, dict[Any, dict[Any, Plan]]] = {}
"""Plans by the id of their operation, as long as its document is remembered."""


def _attribute(field: GraphQLField) -> str | None:
    """The attribute that `field` reads, if to read it is all that it does."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    plain = (
        isinstance(definition, StrawberryField)
        and definition.is_basic_field
        and not field.args
        and definition.default_resolver is getattr
        and type(definition).get_result is StrawberryField.get_result
        and getattr(field.resolve, "_is_default", False)
    )
    return definition.python_name if plain and isinstance(definition, StrawberryField) else None


def _records(
    kind: GraphQLObjectType, parts: dict[str, tuple[Callable[[Any], Any], Column]]
) -> Column | None:
    if not parts:
        return None
    names, ours = tuple(parts), kind.is_type_of

    def column(values: Values, kinds: set[type]) -> Values:
        # Whether a row is of a type is a matter of its class (schema/node.py).
        if ours is not None:
            ones = {type(value): value for value in values} if len(kinds) > 1 else {0: values[0]}
            if not all(ours(one, None) is True for one in ones.values()):  # type: ignore[arg-type]
                raise Surprise
        columns = []
        for read, complete in parts.values():
            cells = [*map(read, values)]
            columns.append(complete(cells, {*map(type, cells)}))
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    return column


def _listing(item: Column) -> Column:
    def column(values: Values, kinds: set[type]) -> Values:
        if not kinds <= {list, tuple}:
            raise Surprise
        flat = [*chain.from_iterable(values)]
        done = iter(item(flat, {*map(type, flat)}))
        return [[*islice(done, len(value))] for value in values]

    return column


def _guarded(inner: Column, *, nullable: bool) -> Column:
    """`inner`, met by nothing but plain values, and by nulls only where they may be."""

    def column(values: Values, kinds: set[type]) -> Values:
        if NoneType not in kinds:
            if not all(map(_plain, kinds)):
                raise Surprise
            return inner(values, kinds) if values else []
        if not nullable or not all(map(_plain, kinds)):
            raise Surprise
        present = [value for value in values if value is not None]
        done = iter(inner(present, kinds - {NoneType}) if present else ())
        return [None if value is None else next(done) for value in values]

    return column


_KNOWN_PLAIN: dict[type, bool] = {}


def _plain(kind: type) -> bool:
    """Whether values of this class are what they are: nothing to await, to raise or to exhaust."""
    if kind not in _KNOWN_PLAIN:
        odd = issubclass(kind, (Exception, GeneratorType, type(Undefined)))
        _KNOWN_PLAIN[kind] = not (odd or hasattr(kind, "__await__"))
    return _KNOWN_PLAIN[kind]


def _in_range(values: Iterable[int]) -> bool:
    return min(values) >= -(2**31) and max(values) < 2**31


def _finite(values: Iterable[float]) -> bool:
    return all(map(isfinite, values))


_AS_IS: dict[GraphQLLeafType, tuple[type, Callable[[Values], bool] | None]] = {
    GraphQLString: (str, None),
    GraphQLID: (str, None),
    GraphQLBoolean: (bool, None),
    GraphQLInt: (int, _in_range),
    GraphQLFloat: (float, _finite),
}
"""What clients get as it is: values of this very class, if they are in bounds."""


def _leaf(kind: GraphQLLeafType) -> Column:
    expected, holds = _AS_IS.get(kind, (None, None))
    coerce = kind.coerce_output_value
    names: dict[type, dict[Any, Any]] = {}

    def column(values: Values, kinds: set[type]) -> Values:
        if kinds == {expected} and (holds is None or holds(values)):
            return values
        if isinstance(kind, GraphQLEnumType) and len(kinds) == 1:
            # By class too: as keys, 1 and True are the same.
            (one,) = kinds
            known = names.setdefault(one, {})
            for value in {*values} - known.keys():
                known[value] = coerce(value)
            return [known[value] for value in values]
        done = [*map(coerce, values)]
        if not _NOTHING.isdisjoint(map(type, done)):
            raise Surprise
        return done

    return column


_NOTHING = {NoneType, type(Undefined)}
"""What a scalar must not make of a value that is there."""
