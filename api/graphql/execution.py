"""From the text of a query to a response: read, bounded, validated, answered, errors made plain.

The order is what holds against hostile queries: the text is bounded, then its tokens, then what
it asks, and only then is it validated. A document that passed is kept, since a page or a batch
job asks the same one again and again. An error that its user can act upon keeps its words and
its code; any other is logged under a number, and only the number goes out.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from graphql import (
    DocumentNode,
    ExecutionContext,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationType,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from graphql.pyutils import Path

from api.graphql.limits import Limits, check_limits
from api.graphql.schema import schema
from api.snapshots import Request
from journeygraph.errors import JourneyGraphError
from journeygraph.lake.errors import DamagedStoreError, StoreAccessError

__all__ = ["Executor", "GraphQLResponse", "MutationNotHereError"]

_MAX_ERRORS = 20
_MAX_DOCUMENTS = 256
_LONGEST_KEPT = 20_000
_log = structlog.get_logger("journeygraph.graphql")


@dataclass(frozen=True, slots=True)
class GraphQLResponse:
    """A response as it goes out; `data` is absent where nothing was executed."""

    body: dict[str, Any]

    @classmethod
    def of_problem(cls, message: str, code: str) -> GraphQLResponse:
        """The response where nothing was executed, for one reason."""
        return cls({"errors": [{"message": message, "extensions": {"code": code}}]})

    @property
    def has_errors(self) -> bool:
        """Whether anything went wrong."""
        return "errors" in self.body

    @property
    def was_executed(self) -> bool:
        """Whether the query was well formed."""
        return "data" in self.body

    def to_bytes(self, *, indented: bool = False) -> bytes:
        """The response as JSON in UTF-8."""
        return orjson.dumps(self.body, option=orjson.OPT_INDENT_2 if indented else None)


@dataclass(frozen=True, slots=True)
class _Document:
    """A query that was read and found valid; bounded for good unless its variables say so."""

    node: DocumentNode
    hangs_on_variables: bool


class Executor:
    """Answers queries against the schema; safe to share between threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._schema: GraphQLSchema = schema().graphql_schema
        self._documents: OrderedDict[str, _Document] = OrderedDict()
        self._lock = threading.Lock()

    def answer(
        self,
        query: str,
        request: Request,
        variables: Mapping[str, Any] | None = None,
        operation: str | None = None,
        *,
        may_change: bool = True,
    ) -> GraphQLResponse:
        """Answer one query.

        Parameters
        ----------
        request
            What its fields look at.
        variables, operation
            As the caller gave them.
        may_change
            Whether a mutation may come in this way.

        Raises
        ------
        MutationNotHereError
            Where one comes that may not.
        """
        given = dict(variables or {})
        try:
            document = self._document(query, given)
        except _InvalidQueryError as invalid:
            return GraphQLResponse({"errors": [_shown(error) for error in invalid.errors]})
        if not may_change:
            _refuse_mutation(document, operation)
        result = execute_sync(
            self._schema,
            document,
            context_value=request,
            variable_values=given,
            operation_name=operation,
            execution_context_class=_Execution,
        )
        return _response(result)

    def _document(self, query: str, variables: Mapping[str, Any]) -> DocumentNode:
        known = self._known(query)
        try:
            node = self._parsed(query) if known is None else known.node
            if known is None or known.hangs_on_variables:
                hangs = check_limits(self._schema, node, self._limits, variables)
        except GraphQLError as error:
            raise _InvalidQueryError([error]) from error
        if known is None:
            errors = validate(self._schema, node, max_errors=_MAX_ERRORS)
            if errors:
                raise _InvalidQueryError(errors)
            self._keep(query, _Document(node, hangs))
        return node

    def _known(self, query: str) -> _Document | None:
        with self._lock:
            known = self._documents.get(query)
            if known is not None:
                self._documents.move_to_end(query)
            return known

    def _keep(self, query: str, document: _Document) -> None:
        if len(query) > _LONGEST_KEPT:
            return
        with self._lock:
            self._documents[query] = document
            while len(self._documents) > _MAX_DOCUMENTS:
                self._documents.popitem(last=False)

    def _parsed(self, query: str) -> DocumentNode:
        if len(query) > self._limits.characters:
            raise GraphQLError(
                f"The query has {len(query):,} characters; "
                f"{self._limits.characters:,} are allowed.",
                extensions={"code": "QUERY_TOO_LARGE"},
            )
        return parse(query, max_lexical_tokens=self._limits.tokens)


class MutationNotHereError(Exception):
    """A mutation that came in a way in which only queries may."""


def _refuse_mutation(document: DocumentNode, operation: str | None) -> None:
    asked = get_operation_ast(document, operation)
    if asked is not None and asked.operation is OperationType.MUTATION:
        raise MutationNotHereError


class _InvalidQueryError(Exception):
    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__()
        self.errors = errors


class _Execution(ExecutionContext):
    """Looks before each question whether somebody is still waiting for the answer."""

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_nodes: list[FieldNode],
        path: Path,
    ) -> Any:
        if field_nodes[0].selection_set is not None:
            self.context_value.stop_if_abandoned()
        return super().execute_field(parent_type, source, field_nodes, path)


def _response(result: ExecutionResult) -> GraphQLResponse:
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = [_shown(error) for error in result.errors]
    if result.data is not None or not result.errors or any(e.path for e in result.errors):
        body["data"] = result.data
    return GraphQLResponse(body)


def _shown(error: GraphQLError) -> dict[str, Any]:
    """An error as it goes out: its own words if they are meant for people, else a number."""
    shown: dict[str, Any] = dict(error.formatted)
    cause = error.original_error
    if isinstance(cause, JourneyGraphError):
        if isinstance(cause, DamagedStoreError | StoreAccessError):
            _log.error("store problem", code=cause.code, place=cause.place)
        shown["message"] = f"{cause.problem} {cause.remedy}".strip()
        shown["extensions"] = {"code": cause.code}
    elif error.path and cause is not None and not isinstance(cause, GraphQLError):
        number = uuid.uuid4().hex[:12]
        _log.error("internal error", number=number, path=error.path, exc_info=cause)
        shown["message"] = f"Something went wrong here; the log has it under {number}."
        shown["extensions"] = {"code": "INTERNAL_ERROR"}
    elif "extensions" not in shown:
        code = "SYNTAX_ERROR" if isinstance(error, GraphQLSyntaxError) else "INVALID_QUERY"
        shown["extensions"] = {"code": code}
    return shown
