"""How much one query may ask: depth, size, and cost, judged in one pass before validation.

Validation is the dearest part of a hostile query (it grows faster than the query does), so that
what is out of bounds must be refused before. A fragment is measured once, however often it is
spread; what it holds counts wherever it is spread.

The cost of a field is 1, and that of what stands below it times the length of its list: what is
given as `first`, else the schema's default. A list without `first` counts as `ASSUMED_LENGTH`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
)

from queries.paging import MAX_FIRST

__all__ = ["ASSUMED_LENGTH", "Limits", "check_limits"]

ASSUMED_LENGTH = 20
"""How long a list of objects is taken to be that has no `first`."""

_ENDLESS_DIGITS = 18
_META_FIELDS = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one query may ask at most.

    Attributes
    ----------
    characters, tokens
        Of its text; checked while it is read.
    operations
        In one document.
    depth
        Fields and fragments within each other.
    fields, aliases, directives
        In the whole query, those of a fragment wherever it is spread.
    cost
        Fields times the lengths of the lists that they stand in.
    """

    characters: int = 100_000
    tokens: int = 10_000
    operations: int = 50
    depth: int = 30
    fields: int = 1_000
    aliases: int = 100
    directives: int = 100
    cost: int = 1_000_000

    @classmethod
    def of_own_machine(cls) -> Limits:
        """For who asks on the machine that answers: as much as will not end in a crash."""
        much = 10**_ENDLESS_DIGITS
        return cls(
            characters=10**7, tokens=10**6, operations=10**3, fields=much, aliases=much,
            directives=much, cost=much,
        )  # fmt: skip


@dataclass(slots=True)
class _Size:
    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0

    def add(self, other: _Size, times: int = 1) -> None:
        self.depth = max(self.depth, other.depth)
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.cost += other.cost * times


def check_limits(
    schema: GraphQLSchema,
    document: DocumentNode,
    limits: Limits,
    variables: Mapping[str, Any] | None = None,
) -> bool:
    """Refuse a query that asks too much; say whether its cost hangs on its variables.

    Parameters
    ----------
    variables
        As they came: the length of a list may be one of them.

    Raises
    ------
    GraphQLError
        With the limit that it passes, and the code QUERY_TOO_LARGE.
    """
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    if len(operations) > limits.operations:
        raise _too_large("number of operations", f"{len(operations):,}", limits.operations)
    measures = []
    for operation in operations:
        given = {**_defaults(operation), **(variables or {})}
        measures.append(_Measure(schema, document, limits, given))
        measures[-1].check_operation(operation)
    # validation reads also the fragments that nobody spreads
    _Measure(schema, document, limits, {}).check_fragments()
    return any(measure.hangs_on_variables for measure in measures)


def _defaults(operation: OperationDefinitionNode) -> dict[str, int]:
    return {
        node.variable.name.value: _integer(node.default_value)
        for node in operation.variable_definitions
        if isinstance(node.default_value, IntValueNode)
    }


def _integer(node: IntValueNode) -> int:
    return int(node.value) if len(node.value) < _ENDLESS_DIGITS else 10**_ENDLESS_DIGITS


def _compare(size: _Size, limits: Limits) -> None:
    for part in fields(_Size):
        asked, allowed = getattr(size, part.name), getattr(limits, part.name)
        if asked > allowed:
            shown = f"{asked:,}" if asked < 10**_ENDLESS_DIGITS else ""
            raise _too_large(part.name, shown, allowed)


def _too_large(name: str, asked: str, allowed: int) -> GraphQLError:
    of = f" of {asked}" if asked else ""
    return GraphQLError(
        f"The query's {name}{of} passes the limit of {allowed:,}. "
        "Ask for less at a time: fewer fields, fewer levels, or a smaller `first`.",
        extensions={"code": "QUERY_TOO_LARGE"},
    )


class _Measure:
    """Sizes of selections, each fragment measured once."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        limits: Limits,
        variables: Mapping[str, Any],
    ) -> None:
        self.hangs_on_variables = False
        self._schema = schema
        self._limits = limits
        self._variables = variables
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._sizes: dict[tuple[str, bool], _Size] = {}
        self._open: set[str] = set()

    def check_fragments(self) -> None:
        """Bound every fragment by itself."""
        for name in self._fragments:
            _compare(self._fragment(name, 1, paged=False), self._limits)

    def check_operation(self, operation: OperationDefinitionNode) -> None:
        """Bound an operation with all that it spreads."""
        root = self._schema.get_root_type(operation.operation)
        size = self._of(operation.selection_set, root, 1)
        size.directives += len(operation.directives or ())
        _compare(size, self._limits)

    def _of(
        self,
        selections: SelectionSetNode,
        parent: GraphQLNamedType | None,
        level: int,
        *,
        paged: bool = False,
    ) -> _Size:
        """The size of a selection on a type.

        Parameters
        ----------
        level
            Fields and fragments around it.
        paged
            Whether `first` has bounded the list that stands directly in it.
        """
        if level > self._limits.depth:
            raise _too_large("depth", "", self._limits.depth)
        size = _Size()
        for selection in selections.selections:
            size.directives += len(selection.directives or ())
            size.add(self._selection(selection, parent, level, paged))
        return size

    def _selection(
        self, selection: SelectionNode, parent: GraphQLNamedType | None, level: int, paged: bool
    ) -> _Size:
        if isinstance(selection, FieldNode):
            return self._field(selection, parent, level, paged)
        if isinstance(selection, FragmentSpreadNode):
            return self._fragment(selection.name.value, level, paged=paged)
        assert isinstance(selection, InlineFragmentNode)
        condition = cast("NamedTypeNode | None", selection.type_condition)
        kind = parent if condition is None else self._schema.get_type(condition.name.value)
        return _deeper(self._of(selection.selection_set, kind, level + 1, paged=paged))

    def _field(
        self, field: FieldNode, parent: GraphQLNamedType | None, level: int, paged: bool
    ) -> _Size:
        size = _Size(depth=1, fields=1, aliases=1 if field.alias else 0, cost=1)
        if field.selection_set:
            definition = _definition(parent, field.name.value)
            kind = get_named_type(definition.type) if definition else None
            pages = definition is not None and "first" in definition.args
            below = self._of(field.selection_set, kind, level + 1, paged=pages)
            size.add(below, self._length(field, definition, paged))
            size.depth = below.depth + 1
        return size

    def _fragment(self, name: str, level: int, *, paged: bool) -> _Size:
        if name in self._open or name not in self._fragments:
            return _Size()  # a cycle or an unknown name: validation says so
        if (name, paged) not in self._sizes:
            node = self._fragments[name]
            kind = self._schema.get_type(node.type_condition.name.value)
            self._open.add(name)
            size = self._of(node.selection_set, kind, level + 1, paged=paged)
            size.directives += len(node.directives or ())
            self._sizes[name, paged] = _deeper(size)
            self._open.discard(name)
        return self._sizes[name, paged]

    def _length(self, field: FieldNode, definition: GraphQLField | None, paged: bool) -> int:
        if definition is None:
            return 1
        if "first" in definition.args:
            given = next((a.value for a in field.arguments if a.name.value == "first"), None)
            first = self._first(given)
            length = definition.args["first"].default_value if first is None else first
            return min(max(length, 1), MAX_FIRST)  # more than that is refused when it is asked
        return ASSUMED_LENGTH if _is_list_of_objects(definition.type) and not paged else 1

    def _first(self, given: ValueNode | None) -> int | None:
        if isinstance(given, IntValueNode):
            return _integer(given)
        if isinstance(given, VariableNode):
            self.hangs_on_variables = True
            variable = self._variables.get(given.name.value)
            return variable if isinstance(variable, int) else None
        return None


def _deeper(size: _Size) -> _Size:
    size.depth += 1
    return size


def _is_list_of_objects(kind: GraphQLOutputType) -> bool:
    nullable = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    return is_list_type(nullable) and is_composite_type(get_named_type(nullable))


def _definition(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    if name in _META_FIELDS:
        return _META_FIELDS[name]
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        known: dict[str, GraphQLField] = parent.fields
        return known.get(name)
    return None
