"""pandas: categories, a frame in the order of customer and time, shifts over the whole of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.conversions import credits_of
from benchmarks.files import Files
from benchmarks.make_journeys import CHANNELS, TOUCHPOINTS
from benchmarks.normal import Answer, contingency, customers_to_look_up, top
from benchmarks.workloads import LENGTHS, OUTCOME, STEPS, TOP, WINDOW_DAYS

PACKAGE = "pandas"

_COLUMNS = ["customer_id", "at", "touchpoint", "channel", "value"]


@dataclass(frozen=True)
class State:
    interactions: pd.DataFrame
    customers: pd.DataFrame
    looked_up: list[int]
    delta: Path


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    frame["touchpoint"] = pd.Categorical(frame["touchpoint"], TOUCHPOINTS)
    if "channel" in frame:
        frame["channel"] = pd.Categorical(frame["channel"], CHANNELS)
        frame["cents"] = (frame.pop("value") * 100).round().fillna(0).astype("int64")
    return frame.sort_values(["customer_id", "at"], ignore_index=True)


def load(files: Files) -> State:
    parts = [pd.read_parquet(path, columns=_COLUMNS) for path in files.interactions]
    interactions = _in_order(pd.concat(parts, ignore_index=True))
    customers = pd.concat([pd.read_parquet(path) for path in files.customers], ignore_index=True)
    customers = customers.sort_values("customer_id", ignore_index=True)
    looked_up = customers_to_look_up(customers["customer_id"])
    return State(interactions, customers, looked_up, files.delta)


def _codes(state: State) -> pd.Series:
    return state.interactions["touchpoint"].cat.codes.astype("int64")


def transitions(state: State) -> Answer:
    frame, codes = state.interactions, _codes(state)
    pairs = pd.DataFrame(
        {"pair": codes * 64 + codes.shift(-1), "elapsed": frame["at"].shift(-1) - frame["at"]}
    )
    pairs = pairs[frame["customer_id"] == frame["customer_id"].shift(-1)]
    seconds = pairs["elapsed"].dt.total_seconds()
    counted = seconds.groupby(pairs["pair"].astype("int64")).agg(["count", "mean"])
    return Answer(
        lambda: sorted(
            (*_unpacked(pair, 2), int(n), float(mean)) for pair, n, mean in counted.itertuples()
        )
    )


def _unpacked(packed: Any, length: int) -> tuple[str, ...]:
    return tuple(TOUCHPOINTS[packed >> 6 * at & 63] for at in range(length - 1, -1, -1))


def _most(counted: pd.Series) -> pd.Series:
    return counted[counted >= counted.iloc[min(TOP, len(counted)) - 1]]


def whole_paths(state: State) -> Answer:
    letters = "".join(chr(48 + code) for code in _codes(state).tolist())
    starts = np.flatnonzero(np.diff(state.interactions["customer_id"], prepend=-1))
    bounds = [*starts.tolist(), len(letters)]
    paths = [letters[start:end] for start, end in zip(bounds[:-1], bounds[1:], strict=True)]
    counted = pd.Series(paths).value_counts()
    best = _most(counted)

    def normal() -> Any:
        named = (tuple(TOUCHPOINTS[ord(letter) - 48] for letter in path) for path in best.index)
        return len(counted), top(zip(best.tolist(), named, strict=True))

    return Answer(normal)


def ngrams(state: State) -> Answer:
    best = {length: _most(_ngrams(state, length)) for length in LENGTHS}
    return Answer(
        lambda: {
            length: top((n, _unpacked(packed, length)) for packed, n in rows.items())
            for length, rows in best.items()
        }
    )


def _ngrams(state: State, length: int) -> pd.Series:
    customers, codes = state.interactions["customer_id"].to_numpy(), _codes(state).to_numpy()
    n = len(codes) - length + 1
    packed: Any = sum(codes[at : at + n] << 6 * (length - 1 - at) for at in range(length))
    return pd.Series(packed[customers[:n] == customers[length - 1 :]]).value_counts()


def funnel(state: State) -> Answer:
    frame = state.interactions
    frame = frame[frame["touchpoint"].isin(STEPS)]
    steps, customers = frame["touchpoint"].cat.codes, frame["customer_id"]
    seconds = frame["at"].astype("datetime64[s]").astype("int64").astype("float64")
    start = seconds.where(steps == 0).groupby(customers).ffill()
    reached = [customers[steps == 0].nunique()]
    for number in range(1, len(STEPS)):
        met = (steps == number) & (seconds - start <= WINDOW_DAYS * 86_400)
        reached.append(customers[met].nunique())
        start = start.where(met).groupby(customers).ffill()
    return Answer(lambda: reached)


def attribution(state: State) -> Answer:
    frame = state.interactions
    codes = frame["channel"].cat.codes.to_numpy(np.int64)
    converts = (frame["touchpoint"] == OUTCOME).to_numpy()
    customers = frame["customer_id"].to_numpy()
    is_first = np.diff(customers, prepend=-1) != 0
    before: Any = np.cumsum(converts) - converts
    starts = np.flatnonzero(is_first)
    kept: Any = before == np.repeat(before[starts], np.diff(starts, append=len(frame)))
    codes, converts, is_first = codes[kept], converts[kept], is_first[kept]
    starts = np.flatnonzero(is_first)
    last = np.append(starts[1:], len(codes)) - 1
    pairs: Any = pd.Series((codes[:-1] * 16 + codes[1:])[~is_first[1:]]).value_counts()
    journeys: Any = pd.DataFrame(
        {"first": codes[starts], "last": codes[last], "converts": converts[last],
         "channels": np.bitwise_or.reduceat(1 << codes, starts)}
    ).value_counts()  # fmt: skip
    credited = credits_of(
        ((pair >> 4, pair & 15, n) for pair, n in pairs.items()),
        ((*key, n) for key, n in journeys.items()),
    )
    return Answer(lambda: credited)


def loyalty(state: State) -> Answer:
    met = state.interactions[["customer_id", "touchpoint"]].drop_duplicates()
    met = met.merge(state.customers[["customer_id", "loyal"]], on="customer_id")
    counted = met.groupby("touchpoint", observed=False)["loyal"].agg(["size", "sum"])
    n_loyal = int(state.customers["loyal"].sum())
    table = contingency(
        TOUCHPOINTS,
        counted["size"].to_numpy(np.int64),
        counted["sum"].to_numpy(np.int64),
        len(state.customers),
        n_loyal,
    )
    return Answer(lambda: table)


def history(state: State) -> Answer:
    customers, found = state.interactions["customer_id"], []
    for customer in state.looked_up:
        start, end = customers.searchsorted(customer), customers.searchsorted(customer, "right")
        found.append(state.interactions.iloc[start:end])
    return Answer(
        lambda: [
            (len(rows), int(rows["at"].astype("datetime64[s]").astype("int64").sum()))
            for rows in found
        ]
    )


def _loaded(frame: pd.DataFrame) -> Answer:
    return Answer(lambda: (len(frame), frame["customer_id"].nunique(), int(frame["cents"].sum())))


def _read_csv(files: Files, columns: list[str]) -> pd.DataFrame:
    return pd.read_csv(
        files.csv, usecols=columns, parse_dates=["at"], date_format="%Y-%m-%d %H:%M:%S"
    )


def load_parquet(files: Files) -> Answer:
    parts = [pd.read_parquet(path, columns=_COLUMNS) for path in files.interactions]
    return _loaded(_in_order(pd.concat(parts, ignore_index=True)))


def load_csv(files: Files) -> Answer:
    return _loaded(_in_order(_read_csv(files, _COLUMNS)))


def first_answer(files: Files) -> Answer:
    interactions = _in_order(_read_csv(files, ["customer_id", "at", "touchpoint"]))
    state = State(interactions, pd.DataFrame(), [], files.delta)
    one, other = transitions(state), whole_paths(state)
    return Answer(lambda: (one.normal(), other.normal()))


def append(state: State) -> Answer:
    """A stable sort by customer: what is appended is in order, and later than all else."""
    added = _in_order(pd.read_parquet(state.delta, columns=_COLUMNS))
    whole = pd.concat([state.interactions, added], ignore_index=True)
    whole = whole.sort_values("customer_id", kind="stable", ignore_index=True)
    appended = State(whole, state.customers, [], state.delta)
    one, other = transitions(appended), whole_paths(appended)
    return Answer(lambda: (one.normal(), other.normal()))
