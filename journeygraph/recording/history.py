"""What has happened to one piece of feedback, and whether it can take another step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from journeygraph.lake.store import Store, StoreVersion
from journeygraph.recording.errors import FeedbackStateError, UnknownFeedbackError
from journeygraph.vocabulary import FEEDBACK_STEPS

__all__ = ["FeedbackHistory", "has_id", "recorded_steps", "shown"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"#(\d{1,9})\.(\d{1,9})\.(\d{1,18})")
_OWN_STEPS = {"acknowledged_at": "acknowledged", "acted_at": "acted", "closed_at": "closed"}
_COLUMNS = ["file", "row", "kind", "opened_at", *_OWN_STEPS, "id"]


@dataclass(frozen=True, slots=True)
class FeedbackHistory:
    """The steps of one piece of feedback in their order: (microseconds, step)."""

    name: str
    kind: int
    steps: Sequence[tuple[int, str]]

    @classmethod
    def of(cls, store: Store, version: StoreVersion, name: str) -> FeedbackHistory:
        """The history of feedback of a version; UnknownFeedbackError where it has none."""
        row = _row(store, version, name)
        if row is None:
            raise UnknownFeedbackError(name)
        opened_us = _us(row["opened_at"])
        own = [(_us(row[at]), step) for at, step in _OWN_STEPS.items() if row[at] is not None]
        later = [
            (_us(step["at"]), FEEDBACK_STEPS[step["step"] - 1])
            for step in recorded_steps(store, version, "feedback", name)
        ]
        steps = [(at_us, step) for at_us, step in [*own, *later] if at_us >= opened_us]
        steps.sort(key=lambda step: step[0])  # stable: equal times as they arrived
        return cls(name, row["kind"], [(opened_us, "opened"), *steps])

    @property
    def latest_us(self) -> int:
        """When the last step was taken."""
        return self.steps[-1][0]

    @property
    def latest_step(self) -> str:
        """The last step in words."""
        return {"acted": "acted on", "reopened": "opened again"}.get(
            self.steps[-1][1], self.steps[-1][1]
        )

    def check(self, step: str) -> None:
        """Whether it can take a step; FeedbackStateError where it cannot.

        What was opened again can be acknowledged and acted on again.
        """
        since: dict[str, int] = {}
        for at_us, taken in self.steps:
            if taken == "reopened":
                since.clear()
            since.setdefault(taken, at_us)
        if step == "reopened":
            if "closed" not in since:
                opened = since.get("reopened", self.steps[0][0])
                raise FeedbackStateError(
                    self.name, "open", shown(opened), "Only what is closed can be opened again."
                )
        elif step == "closed" and "closed" in since:
            raise FeedbackStateError(
                self.name, "closed again", shown(since["closed"]), "There is nothing to do."
            )
        elif "closed" in since:
            raise FeedbackStateError(
                self.name, "closed", shown(since["closed"]), "Open it again first."
            )
        elif step in since:
            raise FeedbackStateError(self.name, step, shown(since[step]), "There is nothing to do.")


def has_id(store: Store, version: StoreVersion, name: str) -> bool:
    """Whether feedback of a version has an id."""
    return _row_with_id(store, version, name) is not None


def recorded_steps(
    store: Store, version: StoreVersion, column: str, value: str
) -> list[dict[str, Any]]:
    """The rows of steps in which a column holds a text, as they arrived."""
    if "feedback_steps" not in version.tables:
        return []
    import pyarrow.compute as pc

    rows = store.read("feedback_steps", version, ["feedback", "step", "at", "id", "properties"])
    found: list[dict[str, Any]] = rows.filter(pc.equal(rows[column], value)).to_pylist()
    return found


def shown(at_us: int) -> str:
    """A moment as an error shows it."""
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat().replace("+00:00", "Z")


def _row(store: Store, version: StoreVersion, name: str) -> dict[str, Any] | None:
    found = _row_with_id(store, version, name)
    place = _PLACE.fullmatch(name)
    if found is not None or place is None or "feedback" not in version.tables:
        return found
    load, file, row = (int(part) for part in place.groups())
    for one in store.read("feedback", version, _COLUMNS, {load}).to_pylist():
        if (one["load"], one["file"], one["row"], one["id"]) == (load, file, row, None):
            return dict(one)
    return None


def _row_with_id(store: Store, version: StoreVersion, name: str) -> dict[str, Any] | None:
    if "feedback" not in version.tables:
        return None
    import pyarrow.compute as pc

    rows: pa.Table = store.read("feedback", version, _COLUMNS)
    found = rows.filter(pc.equal(rows["id"], name)).to_pylist()
    return dict(found[0]) if found else None


def _us(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)
