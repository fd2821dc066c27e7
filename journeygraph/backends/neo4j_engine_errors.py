"""Why a database cannot be asked, although it can be reached."""

from __future__ import annotations

from journeygraph.errors import JourneyGraphError

__all__ = ["GraphChangedError", "NoGraphToAskError", "OtherVersionError", "PushUnderWayError"]


class NoGraphToAskError(JourneyGraphError):
    """A database to which nobody has pushed."""

    code = "NEO4J_NO_GRAPH"

    def __init__(self, database: str) -> None:
        super().__init__(
            f"The database {database} holds no graph of journeygraph.",
            "Write one with `journeygraph neo4j push`, or name another database.",
        )


class PushUnderWayError(JourneyGraphError):
    """A graph that is being written: every number would be of a part of it."""

    code = "NEO4J_PUSH_UNDER_WAY"

    def __init__(self, database: str) -> None:
        super().__init__(
            f"The graph in the database {database} is being written.",
            "Wait until the push has ended; one that was cut off goes on when it is called again.",
        )


class GraphChangedError(JourneyGraphError):
    """A graph that was written anew since it was first asked."""

    code = "NEO4J_GRAPH_CHANGED"

    def __init__(self, database: str) -> None:
        super().__init__(
            f"The graph in the database {database} was written anew since it was first asked.",
            "Ask again: the answer is then of the new graph.",
        )


class OtherVersionError(JourneyGraphError):
    """A graph of another version than the one that was asked for."""

    code = "NEO4J_OTHER_VERSION"

    def __init__(self, database: str, found: int, wanted: int) -> None:
        super().__init__(
            f"The database {database} holds version {found} of the store, not {wanted}.",
            f"Push it: `journeygraph neo4j push --version {wanted}`; or ask version {found}.",
        )
