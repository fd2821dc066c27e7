"""ClickHouse in the process (chdb): a MergeTree in the order of customer and time.

Its best forms: `windowFunnel`; arrays for each customer and `arrayShingles`, where a window
function would shuffle; whole paths counted as texts of one character for each touchpoint.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from chdb import session

from benchmarks.conversions import credits_of
from benchmarks.files import Files
from benchmarks.make_journeys import CHANNELS, TOUCHPOINTS
from benchmarks.normal import Answer, contingency, customers_to_look_up, top
from benchmarks.threads import N_THREADS
from benchmarks.workloads import LENGTHS, OUTCOME, STEPS, TOP, WINDOW_DAYS

PACKAGE = "chdb"


def _enum(names: tuple[str, ...]) -> str:
    return "Enum8(" + ", ".join(f"'{name}' = {code}" for code, name in enumerate(names)) + ")"


_TABLE = f"""
    (customer Int64, at DateTime, touchpoint {_enum(TOUCHPOINTS)}, channel {_enum(CHANNELS)},
    cents Int64) engine = MergeTree order by (customer, at)
"""
_COLUMNS = "customer_id, at, touchpoint, channel, toInt64(round(ifNull(value, 0) * 100))"
_CSV = """'CSVWithNames', 'customer_id Int64, at DateTime, touchpoint String, channel String,
    stage String, value Nullable(Float64), emotion Nullable(Float64)'"""
_JOURNEYS = """
    select groupArray(toUInt8(touchpoint)) as path, groupArray(toUnixTimestamp(at)) as times
    from (select customer, touchpoint, at from interactions order by customer, at)
    group by customer
"""
_PATHS = _JOURNEYS.replace(", groupArray(toUnixTimestamp(at)) as times", "")
_CONVERSIONS = f"""
    select arrayMap(code -> toUInt8(code), groupArray(channel)) as whole,
        groupArray(touchpoint = '{OUTCOME}') as outcomes, indexOf(outcomes, 1) as place,
        if(place = 0, whole, arraySlice(whole, 1, place)) as channels
    from (select customer, touchpoint, channel from interactions order by customer, at)
    group by customer
"""


@dataclass(frozen=True)
class State:
    session: session.Session
    folder: str
    looked_up: list[int]
    delta: Path

    def run(self, query: str) -> None:
        self.session.query(query)

    def table(self, query: str) -> pa.Table:
        return pa.ipc.open_stream(self.session.query(query, "ArrowStream").bytes()).read_all()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.table(query).to_pylist()]


_SESSIONS: list[State] = []  # one server for each process


def _state(files: Files) -> State:
    if not _SESSIONS:
        folder = tempfile.mkdtemp(prefix="chdb-", dir=files.folder)
        _SESSIONS.append(State(session.Session(folder), folder, [], files.delta))
        _SESSIONS[0].run("create database journeys engine = Atomic")
        _SESSIONS[0].run(f"set max_threads = {N_THREADS}, max_insert_threads = {N_THREADS}")
    return _SESSIONS[0]


def _glob(files: Files, name: str) -> str:
    return f"file('{files.home.resolve()}/{name}-*.parquet', Parquet)"


def _insert(state: State, table: str, source: str, columns: str = _COLUMNS) -> None:
    state.run(f"insert into {table} select {columns} from {source}")


def load(files: Files) -> State:
    state = _state(files)
    state.run("use journeys")
    state.run(f"create table interactions {_TABLE}")
    _insert(state, "interactions", _glob(files, "interactions"))
    state.run("optimize table interactions final")
    state.run("""
        create table customers (customer Int64, loyal UInt8) engine = MergeTree order by customer
    """)
    _insert(state, "customers", _glob(files, "customers"), "customer_id, loyal")
    customers = state.table("select customer from customers")["customer"].to_numpy()
    return State(state.session, state.folder, customers_to_look_up(customers), files.delta)


def leave(state: State) -> None:
    state.session.close()
    shutil.rmtree(state.folder, ignore_errors=True)


def transitions(state: State) -> Answer:
    table = state.table(f"""
        select pair.1 as source, pair.2 as target, count() as n, sum(pair.3) as elapsed
        from (
            select arrayJoin(arrayZip(arrayPopBack(path), arrayPopFront(path),
                arrayPopFront(arrayDifference(times)))) as pair
            from ({_JOURNEYS}))
        group by source, target
    """)
    return Answer(
        lambda: sorted(
            (TOUCHPOINTS[source], TOUCHPOINTS[target], n, elapsed / n)
            for source, target, n, elapsed in zip(*table.to_pydict().values(), strict=True)
        )
    )


def whole_paths(state: State) -> Answer:
    state.run("drop table if exists counted")
    state.run(f"""
        create table counted engine = Memory as
        select arrayStringConcat(arrayMap(code -> char(48 + code), path)) as letters, count() as n
        from ({_PATHS}) group by letters
    """)
    ((distinct,),) = state.rows("select count() from counted")
    rows = state.rows(f"""
        select n, letters from counted
        where n >= (select min(n) from (select n from counted order by n desc limit {TOP}))
    """)
    return Answer(lambda: (distinct, top((n, _spelled(letters)) for n, letters in rows)))


def _spelled(letters: str | bytes) -> tuple[str, ...]:
    text = letters.decode() if isinstance(letters, bytes) else letters
    return tuple(TOUCHPOINTS[ord(letter) - 48] for letter in text)


def _named(codes: list[int]) -> tuple[str, ...]:
    return tuple(TOUCHPOINTS[code] for code in codes)


def ngrams(state: State) -> Answer:
    counted = {
        length: state.rows(f"""
            select count() as n, ngram
            from (select arrayJoin(arrayShingles(path, {length})) as ngram
                from ({_PATHS}) where length(path) >= {length})
            group by ngram order by n desc, ngram limit {TOP}
        """)
        for length in LENGTHS
    }
    return Answer(
        lambda: {
            length: top((n, _named(ngram)) for n, ngram in rows) for length, rows in counted.items()
        }
    )


def funnel(state: State) -> Answer:
    steps = ", ".join(f"touchpoint = '{name}'" for name in STEPS)
    reached = ", ".join(f"countIf(level >= {step})" for step in range(1, len(STEPS) + 1))
    (row,) = state.rows(f"""
        select {reached}
        from (select windowFunnel({WINDOW_DAYS * 86_400})(at, {steps}) as level
            from interactions group by customer)
    """)
    return Answer(lambda: list(row))


def attribution(state: State) -> Answer:
    pairs = state.rows(f"""
        select pair.1 as source, pair.2 as target, count() as n
        from (
            select arrayJoin(arrayZip(arrayPopBack(channels), arrayPopFront(channels))) as pair
            from ({_CONVERSIONS}))
        group by source, target
    """)
    journeys = state.rows(f"""
        select channels[1] as first, channels[-1] as last, place > 0 as converts,
            arrayFold((bits, code) -> bitOr(bits, bitShiftLeft(toUInt16(1), code)), channels,
                toUInt16(0)) as met,
            count() as n
        from ({_CONVERSIONS})
        group by first, last, converts, met
    """)
    credited = credits_of(pairs, journeys)
    return Answer(lambda: credited)


def loyalty(state: State) -> Answer:
    rows = state.rows("""
        select toUInt8(touchpoint) as code, count() as n, countIf(loyal = 1) as n_loyal
        from (select distinct customer, touchpoint from interactions) as met
        join customers using customer
        group by code
    """)
    ((n_customers, n_loyal),) = state.rows("select count(), countIf(loyal = 1) as l from customers")
    exposed = np.zeros((2, len(TOUCHPOINTS)), np.int64)
    for code, n, n_of_loyal in rows:
        exposed[:, code] = n, n_of_loyal
    table = contingency(TOUCHPOINTS, exposed[0], exposed[1], n_customers, n_loyal)
    return Answer(lambda: table)


def history(state: State) -> Answer:
    query = "select toUnixTimestamp(at) as at, touchpoint, channel, cents from interactions"
    found = [state.table(f"{query} where customer = {customer}") for customer in state.looked_up]
    return Answer(
        lambda: [(len(rows), int(rows["at"].to_numpy().astype(np.int64).sum())) for rows in found]
    )


def _loaded(files: Files, source: str) -> Answer:
    state = _state(files)
    state.run("create database if not exists loaded")
    state.run("drop table if exists loaded.interactions sync")
    state.run(f"create table loaded.interactions {_TABLE}")
    _insert(state, "loaded.interactions", source)
    query = (
        "select count() as n, uniqExact(customer) as c, sum(cents) as v from loaded.interactions"
    )
    return Answer(lambda: state.rows(query)[0])


def load_parquet(files: Files) -> Answer:
    return _loaded(files, _glob(files, "interactions"))


def load_csv(files: Files) -> Answer:
    return _loaded(files, f"file('{files.csv.resolve()}', {_CSV})")


def first_answer(files: Files) -> Answer:
    state = _state(files)
    state.run("drop database if exists answered sync")
    state.run("create database answered")
    state.run("use answered")
    state.run(f"""
        create table interactions (customer Int64, at DateTime, touchpoint {_enum(TOUCHPOINTS)})
        engine = MergeTree order by (customer, at)
    """)
    source = f"file('{files.csv.resolve()}', {_CSV})"
    _insert(state, "interactions", source, "customer_id, at, touchpoint")
    one, other = transitions(state), whole_paths(state)
    state.run("use journeys")
    return Answer(lambda: (one.normal(), other.normal()))


def prepare_append(state: State) -> State:
    """A table of its own to append to, which shares its parts with the other."""
    state.run("drop database if exists appended sync")
    state.run("create database appended engine = Atomic")
    state.run("create table appended.interactions clone as journeys.interactions")
    return state


def append(state: State) -> Answer:
    state.run("use appended")
    _insert(state, "interactions", f"file('{state.delta.resolve()}', Parquet)")
    one, other = transitions(state), whole_paths(state)
    state.run("use journeys")
    return Answer(lambda: (one.normal(), other.normal()))
