"""DuckDB, in memory: enums, a table in the order of customer and time.

Its best forms: `lead` over the whole table, which streams, instead of a window for each customer;
whole paths as lists, which beat texts of one character for each touchpoint; n-grams as numbers.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from benchmarks.conversions import credits_of
from benchmarks.files import Files
from benchmarks.make_journeys import CHANNELS, TOUCHPOINTS
from benchmarks.normal import Answer, contingency, customers_to_look_up, top
from benchmarks.threads import N_THREADS
from benchmarks.workloads import LENGTHS, OUTCOME, STEPS, TOP, WINDOW_DAYS

PACKAGE = "duckdb"

_COLUMNS = """
    customer_id as customer, "at" as moment, touchpoint::touchpoint as touchpoint,
    channel::channel as channel, round(value * 100)::bigint as cents
"""
_CSV = """
    read_csv($path, header = true, columns = {
        'customer_id': 'bigint', 'at': 'timestamp', 'touchpoint': 'varchar', 'channel': 'varchar',
        'stage': 'varchar', 'value': 'double', 'emotion': 'double'})
"""
_MOST = f"where n >= (select min(n) from (select n from counted order by n desc limit {TOP}))"


@dataclass(frozen=True)
class State:
    connection: duckdb.DuckDBPyConnection
    looked_up: list[int]
    stored: Path
    delta: Path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()


def _connect(path: str = ":memory:") -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(path)
    connection.execute("set enable_progress_bar = false")
    connection.execute(f"set threads = {N_THREADS}")
    for name, words in (("touchpoint", TOUCHPOINTS), ("channel", CHANNELS)):
        listed = ", ".join(f"'{word}'" for word in words)
        connection.execute(f"create type {name} as enum ({listed})")
    return connection


def _make_interactions(
    connection: duckdb.DuckDBPyConnection, source: str, path: Any, columns: str = _COLUMNS
) -> None:
    connection.execute(
        f"create table interactions as select {columns} from {source} order by customer_id, moment",
        {"path": path},
    )


def _names(paths: list[Path]) -> list[str]:
    return [str(path) for path in paths]


def load(files: Files) -> State:
    connection = _connect()
    _make_interactions(connection, "read_parquet($path)", _names(files.interactions))
    connection.execute(
        "create table customers as select customer_id as customer, loyal, referrer "
        "from read_parquet($customers) left join read_parquet($referrals) "
        "on customer_id = referred order by customer_id",
        {"customers": _names(files.customers), "referrals": _names(files.referrals)},
    )
    connection.execute("create index by_customer on interactions (customer)")
    stored = Path(tempfile.mkdtemp(prefix="duckdb-", dir=files.folder)) / "stored.duckdb"
    connection.execute(f"attach '{stored}' as stored; copy from database memory to stored")
    connection.execute("detach stored")
    customers = connection.execute("select customer from customers").fetchnumpy()["customer"]
    return State(connection, customers_to_look_up(customers), stored, files.delta)


def leave(state: State) -> None:
    state.connection.close()
    state.stored.unlink()
    state.stored.parent.rmdir()


def transitions(state: State, table: str = "interactions") -> Answer:
    rows = state.rows(f"""
        select touchpoint, following, count(*),
            sum(epoch_us(later) - epoch_us(moment)) / count(*) / 1e6
        from (
            select customer, moment, touchpoint, lead(touchpoint) over () as following,
                lead(moment) over () as later, lead(customer) over () as next_customer
            from {table})
        where next_customer = customer
        group by all
    """)
    return Answer(lambda: sorted(rows))


def transition_counts(state: State) -> Answer:
    rows = state.rows("""
        select touchpoint, following, count(*)
        from (
            select customer, touchpoint, lead(touchpoint) over () as following,
                lead(customer) over () as next_customer
            from interactions)
        where next_customer = customer
        group by all
    """)
    return Answer(lambda: sorted(rows))


def whole_paths(state: State, table: str = "interactions") -> Answer:
    state.connection.execute(f"""
        create or replace temp table counted as
        select path, count(*) as n
        from (select list(touchpoint order by moment) as path from {table} group by customer)
        group by path
    """)
    ((distinct,),) = state.rows("select count(*) from counted")
    rows = state.rows(f"select n, path from counted {_MOST}")
    return Answer(lambda: (distinct, top((n, tuple(path)) for n, path in rows)))


def ngrams(state: State) -> Answer:
    counted = {length: state.rows(_ngram_query(length)) for length in LENGTHS}
    return Answer(
        lambda: {
            length: top((n, _unpacked(packed, length)) for n, packed in rows)
            for length, rows in counted.items()
        }
    )


def _ngram_query(length: int) -> str:
    codes = [f"lead(enum_code(touchpoint)::int, {ahead}) over ()" for ahead in range(length)]
    packed = " + ".join(f"{code} * {64 ** (length - 1 - at)}" for at, code in enumerate(codes))
    return f"""
        with counted as (
            select packed, count(*) as n
            from (
                select customer, {packed} as packed,
                    lead(customer, {length - 1}) over () as last_customer
                from interactions)
            where last_customer = customer
            group by packed)
        select n, packed from counted {_MOST}
    """


def _unpacked(packed: int, length: int) -> tuple[str, ...]:
    return tuple(TOUCHPOINTS[packed >> 6 * at & 63] for at in range(length - 1, -1, -1))


def funnel(state: State) -> Answer:
    """The latest start from which each step is reached, carried from row to row."""
    begun = "case when step = 0 then moment end"
    query = f"select customer, moment, touchpoint, {_step()} as step from interactions"
    query = f"from ({query} where touchpoint in {STEPS})"
    for number in range(len(STEPS)):
        over = "over (partition by customer order by moment)"
        query = f"from (select *, max({begun}) {over} as start_{number} {query})"
        begun = (
            f"case when step = {number + 1} "
            f"and moment - start_{number} <= interval {WINDOW_DAYS} day then start_{number} end"
        )
    reached = ", ".join(
        f"count(distinct case when start_{number} is not null then customer end)"
        for number in range(len(STEPS))
    )
    (row,) = state.rows(f"select {reached} {query}")
    return Answer(lambda: list(row))


def _step() -> str:
    cases = " ".join(f"when '{name}' then {number}" for number, name in enumerate(STEPS))
    return f"case touchpoint {cases} end"


def attribution(state: State) -> Answer:
    state.connection.execute(f"""
        create or replace temp table outcomes as
        select customer, min(moment) as converted
        from interactions where touchpoint = '{OUTCOME}' group by customer
    """)
    pairs = state.rows("""
        select enum_code(channel), enum_code(following), count(*)
        from (
            select customer, channel, lead(channel) over () as following,
                lead(moment) over () as later, lead(customer) over () as next_customer
            from interactions)
        left join outcomes using (customer)
        where next_customer = customer and (converted is null or later <= converted)
        group by all
    """)
    journeys = state.rows("""
        select first, last, converts, channels, count(*)
        from (
            select arg_min(enum_code(channel), moment) as first,
                arg_max(enum_code(channel), moment) as last,
                bool_or(converted is not null) as converts,
                bit_or(1 << enum_code(channel)::int) as channels
            from interactions left join outcomes using (customer)
            where converted is null or moment <= converted
            group by customer)
        group by all
    """)
    credited = credits_of(pairs, journeys)
    return Answer(lambda: credited)


def loyalty(state: State) -> Answer:
    rows = state.rows("""
        select enum_code(touchpoint), count(*), count(*) filter (loyal)
        from (select distinct customer, touchpoint from interactions)
        join customers using (customer)
        group by touchpoint
    """)
    ((n_customers, n_loyal),) = state.rows(
        "select count(*), count(*) filter (loyal) from customers"
    )
    exposed = np.zeros((2, len(TOUCHPOINTS)), np.int64)
    for touchpoint, n, n_of_loyal in rows:
        exposed[:, touchpoint] = n, n_of_loyal
    table = contingency(TOUCHPOINTS, exposed[0], exposed[1], n_customers, n_loyal)
    return Answer(lambda: table)


def referral_forest(state: State) -> Answer:
    state.connection.execute("""
        create or replace temp table brought as
        select customer, referrer, coalesce(cents, 0) as cents
        from customers left join (
            select customer, sum(cents)::bigint as cents from interactions group by customer)
        using (customer)
    """)
    depths = state.rows("""
        with recursive placed as (
            select customer, 0 as depth from brought where referrer is null
            union all
            select brought.customer, depth + 1
            from brought join placed on brought.referrer = placed.customer)
        select count(*) from placed group by depth order by depth
    """)
    state.connection.execute("""
        create or replace temp table downstream as
        with recursive above as (
            select referrer as ancestor, cents from brought where referrer is not null
            union all
            select brought.referrer, above.cents
            from above join brought on above.ancestor = brought.customer
            where brought.referrer is not null)
        select ancestor, count(*) as n, sum(cents)::bigint as cents from above group by ancestor
    """)
    sizes = state.rows("""
        select n + 1, count(*)
        from downstream join customers on ancestor = customer
        where referrer is null group by n order by n
    """)
    best = state.rows(f"""
        select ancestor, cents from downstream order by cents desc, ancestor limit {TOP}
    """)
    return Answer(lambda: ([n for (n,) in depths], sizes, best))


def _sum_of_seconds(moments: Any) -> int:
    return int(np.asarray(moments, "datetime64[s]").astype(np.int64).sum())


def history(state: State) -> Answer:
    query = "select moment, touchpoint, channel, cents from interactions where customer = ?"
    found = [
        state.connection.execute(query, [customer]).fetchnumpy() for customer in state.looked_up
    ]
    return Answer(
        lambda: [(len(rows["moment"]), _sum_of_seconds(rows["moment"])) for rows in found]
    )


def _loaded(source: str, path: Any) -> Answer:
    connection = _connect()
    _make_interactions(connection, source, path)
    query = "select count(*), count(distinct customer), sum(cents)::bigint from interactions"
    return Answer(lambda: connection.execute(query).fetchone(), connection.close)


def load_parquet(files: Files) -> Answer:
    return _loaded("read_parquet($path)", _names(files.interactions))


def load_csv(files: Files) -> Answer:
    return _loaded(_CSV, str(files.csv))


def first_answer(files: Files) -> Answer:
    connection = _connect()
    columns = 'customer_id as customer, "at" as moment, touchpoint::touchpoint as touchpoint'
    _make_interactions(connection, _CSV, str(files.csv), columns)
    state = State(connection, [], Path(), files.delta)
    one, other = transitions(state), whole_paths(state)
    return Answer(lambda: (one.normal(), other.normal()), connection.close)


def open_stored(state: State) -> Answer:
    """The database file, until the first query is answered."""
    connection = duckdb.connect(str(state.stored), read_only=True)
    row = connection.execute(
        "select (select count(*) from interactions), (select count(*) from customers)"
    ).fetchone()
    return Answer(lambda: row, connection.close)


def append(state: State) -> Answer:
    """The whole in order again, since a `lead` over all rows beats one for each customer."""
    state.connection.execute(
        f"create or replace temp table appended as select * from interactions union all "
        f"select {_COLUMNS} from read_parquet($path) order by customer, moment",
        {"path": str(state.delta)},
    )
    one, other = transitions(state, "appended"), whole_paths(state, "appended")
    return Answer(lambda: (one.normal(), other.normal()))
