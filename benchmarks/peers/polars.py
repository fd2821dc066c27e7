"""Polars, in memory: enums, a frame in the order of customer and time.

Its best forms: shifts over the whole frame instead of windows for each customer; whole paths
grouped as lists of codes; n-grams packed into whole numbers; explicit formats of times.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.conversions import credits_of
from benchmarks.files import Files
from benchmarks.make_journeys import CHANNELS, TOUCHPOINTS
from benchmarks.normal import Answer, contingency, customers_to_look_up, top
from benchmarks.workloads import LENGTHS, OUTCOME, STEPS, TOP, WINDOW_DAYS

PACKAGE = "polars"

_CODE = pl.col("touchpoint").to_physical()
_TOUCHPOINT = pl.col("touchpoint").cast(pl.Enum(TOUCHPOINTS))
_CHANNEL = pl.col("channel").cast(pl.Enum(CHANNELS))
_CENTS = (pl.col("value") * 100).round().cast(pl.Int64).alias("cents")
_COLUMNS = [pl.col("customer_id").alias("customer"), pl.col("at"), _TOUCHPOINT, _CHANNEL, _CENTS]
_TIME = pl.col("at").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us")


@dataclass(frozen=True)
class State:
    interactions: pl.DataFrame
    customers: pl.DataFrame
    looked_up: list[int]
    stored: Path
    delta: Path


def _collect(frame: pl.LazyFrame, columns: list[pl.Expr]) -> pl.DataFrame:
    return frame.select(columns).sort("customer", "at").collect()


def load(files: Files) -> State:
    interactions = _collect(pl.scan_parquet(files.interactions), _COLUMNS)
    customers = (
        pl.scan_parquet(files.customers)
        .select(pl.col("customer_id").alias("customer"), "loyal")
        .join(pl.scan_parquet(files.referrals), left_on="customer", right_on="referred", how="left")
        .sort("customer")
        .collect()
    )
    stored = Path(tempfile.mkdtemp(prefix="polars-", dir=files.folder)) / "stored.arrow"
    interactions.write_ipc(stored)
    looked_up = customers_to_look_up(customers["customer"])
    return State(interactions, customers, looked_up, stored, files.delta)


def leave(state: State) -> None:
    state.stored.unlink()
    state.stored.parent.rmdir()


def _pairs(state: State, *further: pl.Expr) -> Any:
    code = _CODE.cast(pl.UInt32)
    return (
        state.interactions.lazy()
        .select(
            (code * 64 + code.shift(-1)).alias("pair"),
            (pl.col("customer") == pl.col("customer").shift(-1)).alias("same"),
            *further,
        )
        .filter("same")
        .group_by("pair")
    )


def transitions(state: State) -> Answer:
    elapsed = (pl.col("at").shift(-1) - pl.col("at")).dt.total_microseconds().alias("elapsed")
    counted = _pairs(state, elapsed).agg(pl.len(), pl.col("elapsed").sum()).collect()
    return Answer(
        lambda: sorted(
            (*_unpacked(pair, 2), n, elapsed / n / 1e6) for pair, n, elapsed in counted.iter_rows()
        )
    )


def transition_counts(state: State) -> Answer:
    counted = _pairs(state).agg(pl.len()).collect()
    return Answer(lambda: sorted((*_unpacked(pair, 2), n) for pair, n in counted.iter_rows()))


def _unpacked(packed: int, length: int) -> tuple[str, ...]:
    return tuple(TOUCHPOINTS[packed >> 6 * at & 63] for at in range(length - 1, -1, -1))


def _most(counted: pl.DataFrame) -> pl.DataFrame:
    return counted.filter(pl.col("len") >= counted["len"].top_k(TOP).min())


def whole_paths(state: State) -> Answer:
    paths = state.interactions.lazy().group_by("customer", maintain_order=True).agg(path=_CODE)
    counted = paths.group_by("path").len().collect()
    best = _most(counted)

    def normal() -> Any:
        named = ((n, tuple(TOUCHPOINTS[code] for code in path)) for path, n in best.iter_rows())
        return len(counted), top(named)

    return Answer(normal)


def ngrams(state: State) -> Answer:
    best = {length: _most(_ngrams(state, length)) for length in LENGTHS}
    return Answer(
        lambda: {
            length: top((n, _unpacked(packed, length)) for packed, n in rows.iter_rows())
            for length, rows in best.items()
        }
    )


def _ngrams(state: State, length: int) -> pl.DataFrame:
    packed = pl.sum_horizontal(
        _CODE.shift(-at).cast(pl.UInt32) * 64 ** (length - 1 - at) for at in range(length)
    )
    same = pl.col("customer") == pl.col("customer").shift(1 - length)
    return (
        state.interactions.lazy()
        .select(packed=packed, same=same)
        .filter("same")
        .group_by("packed")
        .len()
        .collect()
    )


def funnel(state: State) -> Answer:
    """The latest start from which each step is reached, filled forward.

    Times are made to grow from customer to customer by more than a window, so that a start is
    never taken over from the customer before, and no window function is needed.
    """
    second = pl.col("at").dt.epoch("s")
    ordinal = pl.col("customer").rle_id().cast(pl.Int64)
    moment = (ordinal * (1 << 33) + second).alias("moment")
    steps = [TOUCHPOINTS.index(name) for name in STEPS]
    frame = (
        state.interactions.lazy()
        .filter(_CODE.is_in(steps))
        .select("customer", moment, step=_CODE.replace_strict(steps, range(len(steps))))
        .with_columns(start_0=pl.when(pl.col("step") == 0).then("moment").forward_fill())
    )
    reached = [pl.col("customer").filter(pl.col("step") == 0).n_unique()]
    for number in range(1, len(STEPS)):
        before = pl.col(f"start_{number - 1}")
        in_time = pl.col("moment") - before <= WINDOW_DAYS * 86_400
        met = ((pl.col("step") == number) & in_time).fill_null(value=False)
        frame = frame.with_columns(met.alias(f"met_{number}")).with_columns(
            pl.when(f"met_{number}").then(before).forward_fill().alias(f"start_{number}")
        )
        reached.append(
            pl.col("customer").filter(f"met_{number}").n_unique().alias(f"reached_{number}")
        )
    row = frame.select(reached).collect().row(0)
    return Answer(lambda: list(row))


def attribution(state: State) -> Answer:
    """By a running sum of outcomes: before a row that counts are no more than before the first."""
    customer, code = pl.col("customer"), pl.col("channel").to_physical().cast(pl.Int64)
    converts = (pl.col("touchpoint") == OUTCOME).cast(pl.Int32)
    is_first = (customer != customer.shift(1)).fill_null(value=True)
    rows = (
        state.interactions.lazy()
        .select("customer", code=code, converts=converts, is_first=is_first)
        .with_columns(before=pl.col("converts").cum_sum() - pl.col("converts"))
        .with_columns(begun=pl.when("is_first").then("before").forward_fill())
        .filter(pl.col("before") == pl.col("begun"))
    )
    following, code = pl.col("code").shift(-1), pl.col("code")
    pairs = (
        rows.select(source=code, target=following, same=customer == customer.shift(-1))
        .filter("same")
        .group_by("source", "target")
        .len()
    )
    journeys = (
        rows.group_by("customer")
        .agg(
            first=code.first(),
            last=code.last(),
            converts=pl.col("converts").max(),
            channels=(2**code).cast(pl.Int64).bitwise_or(),
        )
        .group_by("first", "last", "converts", "channels")
        .len()
    )
    counted, reached = pl.collect_all([pairs, journeys])
    credited = credits_of(counted.rows(), reached.rows())
    return Answer(lambda: credited)


def loyalty(state: State) -> Answer:
    rows = (
        state.interactions.lazy()
        .select("customer", code=_CODE)
        .unique()
        .join(state.customers.lazy().select("customer", "loyal"), on="customer")
        .group_by("code")
        .agg(pl.len(), pl.col("loyal").sum())
        .collect()
    )
    exposed = np.zeros((2, len(TOUCHPOINTS)), np.int64)
    exposed[:, rows["code"].to_numpy()] = rows["len"].to_numpy(), rows["loyal"].to_numpy()
    n_loyal = int(state.customers["loyal"].sum())
    table = contingency(TOUCHPOINTS, exposed[0], exposed[1], len(state.customers), n_loyal)
    return Answer(lambda: table)


def referral_forest(state: State) -> Answer:
    cents = state.interactions.lazy().group_by("customer").agg(pl.col("cents").sum())
    brought = (
        state.customers.lazy()
        .select("customer", "referrer")
        .join(cents, on="customer", how="left", maintain_order="left")
        .collect()
    )
    levels = [brought.filter(pl.col("referrer").is_null()).drop("referrer")]
    below = brought.filter(pl.col("referrer").is_not_null())
    while len(levels[-1]):
        above = levels[-1].lazy().select(referrer="customer")
        levels.append(below.lazy().join(above, on="referrer").collect())
    ancestors = _downstream(levels[:-1])
    roots = ancestors.join(levels[0], on="customer", how="semi")
    sizes = roots.group_by(size=pl.col("n") + 1).len().sort("size").rows()
    best = ancestors.sort(["below", "customer"], descending=[True, False]).head(TOP)
    depths = [len(level) for level in levels[:-1]]
    return Answer(lambda: (depths, sizes, best.select("customer", "below").rows()))


def _downstream(levels: list[pl.DataFrame]) -> pl.DataFrame:
    """Who has descendants, how many, and what they brought: from the deepest level upwards."""
    kind = {"customer": pl.Int64, "n": pl.Int64, "below": pl.Int64}
    ancestors = [pl.DataFrame(schema=kind)]
    for level in reversed(levels[1:]):
        known = level.join(ancestors[-1], on="customer", how="left")
        gathered = known.group_by(customer="referrer").agg(
            n=(pl.col("n").fill_null(0) + 1).sum(),
            below=(pl.col("below").fill_null(0) + pl.col("cents")).sum(),
        )
        ancestors.append(gathered)
    return pl.concat(ancestors)


def history(state: State) -> Answer:
    customers, found = state.interactions["customer"], []
    for customer in state.looked_up:
        start = customers.search_sorted(customer, "left")
        end = customers.search_sorted(customer, "right")
        found.append(state.interactions.slice(start, end - start))
    return Answer(lambda: [(len(rows), rows["at"].dt.epoch("s").sum()) for rows in found])


def _loaded(frame: pl.DataFrame) -> Answer:
    return Answer(lambda: (len(frame), frame["customer"].n_unique(), frame["cents"].sum()))


def _scan_csv(files: Files) -> pl.LazyFrame:
    return pl.scan_csv(files.csv, schema_overrides={"at": pl.String, "value": pl.Float64})


def load_parquet(files: Files) -> Answer:
    return _loaded(_collect(pl.scan_parquet(files.interactions), _COLUMNS))


def load_csv(files: Files) -> Answer:
    customer, _, *others = _COLUMNS
    return _loaded(_collect(_scan_csv(files), [customer, _TIME, *others]))


def first_answer(files: Files) -> Answer:
    columns = [_COLUMNS[0], _TIME, _TOUCHPOINT]
    interactions = _collect(_scan_csv(files), columns)
    state = State(interactions, pl.DataFrame(), [], Path(), files.delta)
    one, other = transitions(state), whole_paths(state)
    return Answer(lambda: (one.normal(), other.normal()))


def open_stored(state: State) -> Answer:
    """An Arrow file."""
    frame = pl.read_ipc(state.stored)
    row = len(frame), frame["customer"].n_unique()
    return Answer(lambda: row)


def append(state: State) -> Answer:
    """A stable sort by customer: what is appended is in order, and later than all else."""
    added = pl.scan_parquet(state.delta).select(_COLUMNS)
    whole = pl.concat([state.interactions.lazy(), added])
    interactions = whole.sort("customer", maintain_order=True).collect()
    appended = State(interactions, state.customers, [], Path(), state.delta)
    one, other = transitions(appended), whole_paths(appended)
    return Answer(lambda: (one.normal(), other.normal()))
