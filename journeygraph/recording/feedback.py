"""Recording feedback and its steps: each in a version of its own, durable when it is told.

Everything is checked while the lock is held, against the version that is built upon: two who close
the same complaint at once do not both succeed. What was recorded is a small load, so that it can be
taken out again (`unload`), checked, compacted and backed up like any other. It touches no table of
the graph: touchpoints and customers have to be known already.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from journeygraph.durations import Duration
from journeygraph.errors import UnknownCustomerError, UnknownTouchpointError
from journeygraph.lake.errors import EmptyStoreError
from journeygraph.lake.names import Names
from journeygraph.lake.store import Store, StoreVersion
from journeygraph.lake.tables import STORED_TABLES
from journeygraph.lake.text_indexes import CustomerIndex
from journeygraph.lake.writer import StoreWriter
from journeygraph.loading.ledger import ledger_rows
from journeygraph.recording.errors import (
    ConflictingFeedbackError,
    ConflictingRequestError,
    FeedbackTimeError,
)
from journeygraph.recording.history import FeedbackHistory, has_id, recorded_steps, shown
from journeygraph.recording.requests import FeedbackStepTaken, NewFeedback
from journeygraph.vocabulary import FEEDBACK_KINDS, FEEDBACK_STEPS

__all__ = ["Recorded", "record_feedback", "record_step"]

_CLOCKS_DIFFER_US = 60_000_000
"""So far ahead of ours the clock of a caller may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was recorded.

    Attributes
    ----------
    id
        What the feedback is called.
    version
        A version of the store that has it.
    is_repeated
        Whether the same request had recorded it before.
    """

    id: str
    version: int
    is_repeated: bool


def record_feedback(
    store_path: Path | str, new: NewFeedback, *, wait: Duration = "10s"
) -> Recorded:
    """Record new feedback.

    Parameters
    ----------
    wait
        How long to wait for another writer.

    Raises
    ------
    UnknownCustomerError, UnknownTouchpointError
        Where the store does not know them.
    FeedbackTimeError
        Where it is opened in the future, or due before it is opened.
    ConflictingFeedbackError, ConflictingRequestError
        Where the id, or the key of the request, stands for something else.
    StoreBusyError, EmptyStoreError
        Where another program writes for too long, or nothing has been loaded.
    """
    store = Store.open(store_path)
    with store.writer(wait) as writer:
        run = _Recording(store, writer)
        return run.repeated(new) or run.open(new)


def record_step(
    store_path: Path | str, taken: FeedbackStepTaken, *, wait: Duration = "10s"
) -> Recorded:
    """Record a step of feedback.

    Raises
    ------
    UnknownFeedbackError
        Where the store does not have the feedback.
    FeedbackStateError
        Where it cannot take the step: it is closed, or has taken it, or, to be opened again, is
        not closed.
    FeedbackTimeError
        Where the step is in the future, or before an earlier one.
    ConflictingRequestError, StoreBusyError, EmptyStoreError
        As of `record_feedback`.
    """
    store = Store.open(store_path)
    with store.writer(wait) as writer:
        run = _Recording(store, writer)
        return run.repeated(taken) or run.take(taken)


class _Recording:
    """One recording, while the lock is held."""

    def __init__(self, store: Store, writer: StoreWriter) -> None:
        if writer.base is None:
            raise EmptyStoreError(store.path)
        self.store = store
        self.writer = writer
        self.base: StoreVersion = writer.base
        self.now_us = time.time_ns() // 1_000
        self.teams = Names(self._list("teams"))

    def repeated(self, asked: NewFeedback | FeedbackStepTaken) -> Recorded | None:
        """What the same request has recorded before; None where it has not."""
        if asked.request is None:
            return None
        for step in recorded_steps(self.store, self.base, "id", asked.request):
            said = orjson.loads(step["properties"] or "{}")
            if said.get("request") != asked.digest:
                raise ConflictingRequestError(asked.request)
            return Recorded(id=step["feedback"], version=self.base.number, is_repeated=True)
        return None

    def open(self, new: NewFeedback) -> Recorded:
        """Record new feedback."""
        opened_us, due_us = new.opened_us(self.now_us), new.due_us
        self._check_past("opened_at", opened_us)
        if due_us is not None and due_us < opened_us:
            raise FeedbackTimeError(
                "due_at", shown(due_us), f"is before it was opened, {shown(opened_us)}"
            )
        if new.id is not None and has_id(self.store, self.base, new.id):
            raise ConflictingFeedbackError(new.id)
        name = uuid.uuid4().hex if new.id is None else new.id
        row = {
            "customer": self._customer(new.customer),
            "kind": new.kind_code,
            "opened_at": opened_us,
            "due_at": due_us,
            "touchpoint": self._touchpoint(new.touchpoint),
            "team": self._team(new.team),
            "text": new.text,
            "id": name,
        }
        tables = {"feedback": row}
        if new.request is not None:
            tables["feedback_steps"] = self._step(new, name, "opened", opened_us, None, None)
        version = self._commit(tables, f"{FEEDBACK_KINDS[new.kind_code - 1]} opened")
        return Recorded(id=name, version=version, is_repeated=False)

    def take(self, taken: FeedbackStepTaken) -> Recorded:
        """Record a step."""
        history = FeedbackHistory.of(self.store, self.base, taken.id)
        at_us = taken.at_us(self.now_us)
        self._check_past("at", at_us)
        history.check(taken.step)
        if taken.at is None and history.latest_us <= at_us + _CLOCKS_DIFFER_US:
            at_us = max(at_us, history.latest_us)  # a clock that was ahead took the last step
        if at_us < history.latest_us:
            last = f"is before it was {history.latest_step}, {shown(history.latest_us)}"
            raise FeedbackTimeError("at", shown(at_us), last)
        row = self._step(taken, taken.id, taken.step, at_us, self._team(taken.team), taken.note)
        kind = f"{FEEDBACK_KINDS[history.kind - 1]} {taken.step}"
        version = self._commit({"feedback_steps": row}, kind)
        return Recorded(id=taken.id, version=version, is_repeated=False)

    def _step(
        self,
        asked: NewFeedback | FeedbackStepTaken,
        name: str,
        step: str,
        at_us: int,
        team: int | None,
        note: str | None,
    ) -> dict[str, Any]:
        kept = None if asked.request is None else orjson.dumps({"request": asked.digest}).decode()
        return {
            "feedback": name,
            "step": FEEDBACK_STEPS.index(step) + 1,
            "at": at_us,
            "team": team,
            "note": note,
            "id": asked.request,
            "properties": kept,
        }

    def _check_past(self, argument: str, at_us: int) -> None:
        if at_us > self.now_us + _CLOCKS_DIFFER_US:
            reason = f"is in the future; it is {shown(self.now_us)} now"
            raise FeedbackTimeError(argument, shown(at_us), reason, is_future=True)

    def _customer(self, customer: str) -> int:
        key = -1
        if self.store.has_rows("identities", self.base):
            ids = pa.array([customer], pa.large_string())
            key = int(CustomerIndex(self.store, self.base).find(ids)[0])
        if key < 0:
            raise UnknownCustomerError(customer)
        return key

    def _touchpoint(self, touchpoint: str | None) -> int | None:
        if touchpoint is None:
            return None
        known = self._list("touchpoints")["name"].to_pylist()
        if touchpoint not in known:
            raise UnknownTouchpointError("touchpoint", touchpoint, known)
        return known.index(touchpoint)

    def _team(self, team: str | None) -> int | None:
        if team is None:
            return None
        return int(self.teams.encode(pa.array([team], pa.string()))[0])

    def _list(self, table: str) -> pa.Table:
        if table in self.base.tables:
            return self.store.read(table, self.base)
        return STORED_TABLES[table].arrow_schema.empty_table()

    def _commit(self, tables: Mapping[str, Mapping[str, Any]], note: str) -> int:
        """Write a row of each table as a load of its own; the number of the version."""
        load, entries = self.writer.next_load, []
        for number, (table, row) in enumerate(tables.items()):
            self.writer.append(table, _one_row(table, {"file": number, "row": 0, **row}), load)
            sha256 = hashlib.sha256(orjson.dumps([load, dict(row)])).hexdigest()
            entries.append(
                {
                    "file": number, "name": "recorded", "sha256": sha256,
                    "table": table, "read": 1, "accepted": 1, "duplicates": 0, "quarantined": {},
                    "kept": {"has_id": row.get("id") is not None, "columns": {}},
                }
            )  # fmt: skip
        self.writer.append("loads", ledger_rows(entries, self.now_us), load)
        if new_teams := self.teams.new():
            self.writer.append("teams", new_teams)
        return self.writer.commit(kind="feedback", load=load, note=note).number


def _one_row(table: str, row: Mapping[str, Any]) -> pa.Table:
    schema = STORED_TABLES[table].columns
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names}], schema=schema)
