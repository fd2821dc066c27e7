"""Synthetic customer journeys for the benchmarks: the same bytes on every run, on any machine.

The model, in the order in which it is drawn:

- A customer belongs to one of five segments. The number of interactions is geometric with a mean
  of about eight; two customers in a hundred have a long tail (Pareto) of up to a thousand.
- There are 60 touchpoints, 15 in each of four stages, their popularity as in Zipf's law. Each
  segment has its own first-order Markov chain over them: popularity, times what the stages make
  likely (from inquiry to comparison to purchase to support), times noise. Staying is half as
  likely as it would be.
- Ten channels; each touchpoint has its own mix of them.
- Time between two interactions is a mixture of two log-normals: minutes within a visit, days
  between visits; at least a second, so that no customer has two interactions at one moment and
  every peer must find the same order. Journeys begin anywhere within two years, 2015 and 2016, so
  that the longest of many is over by now: what lies in the future is not loaded.
- A purchase (the touchpoint PURCHASE) has a value in cents; nothing else has one. Two of three
  interactions carry a valence.
- Buyers, and later segments, are loyal more often. One customer in seven was brought by an earlier
  one, preferably by one of the first: a forest with some large trees.

Rows come in the order of time, as in an event log. Chunks of ten million interactions are whole
customers, each drawn from a seed of its own and written before the next is begun.

    python -m benchmarks.make_journeys FOLDER 100k 1M 10M
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from benchmarks.files import SIZES, Files

__all__ = ["CHANNELS", "PURCHASE", "TOUCHPOINTS", "make_journeys"]

TOUCHPOINTS = tuple(f"tp_{number:02d}" for number in range(60))
CHANNELS = tuple(f"ch_{number}" for number in range(10))
STAGES = ("inquiry", "comparison", "purchase", "support")
PURCHASE = 2

_SEED = 20_240_229
_MODEL = 2  # raise it when the model changes, and data is made anew
_CHUNK = 10_000_000
_LARGEST_CSV = 10_000_000
_SEGMENTS = np.array([0.35, 0.25, 0.20, 0.15, 0.05])
_STAGE_OF = np.arange(len(TOUCHPOINTS)) % len(STAGES)
_STAGE_TO_STAGE = np.array(
    [[0.55, 0.30, 0.05, 0.10], [0.20, 0.40, 0.30, 0.10],
     [0.15, 0.10, 0.25, 0.50], [0.35, 0.10, 0.05, 0.50]]
)  # fmt: skip
_STAGE_AT_FIRST = np.array([6.0, 2.0, 0.3, 0.3])
_DAY = 86_400
_FIRST_DAY = int(np.datetime64("2015-01-01", "s").astype(np.int64))
_FIRST_CUSTOMER = 10_000_000

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


class Choices:
    """Several discrete distributions over the same things, to draw from many at a time."""

    def __init__(self, weights: FloatArray) -> None:
        shares = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
        shares[:, -1] = 1.0
        self._n_things = weights.shape[1]
        self._bounds = (shares + np.arange(len(shares))[:, None]).ravel()

    def draw(self, rows: IntArray, random: np.random.Generator) -> IntArray:
        """One thing for each row, by the distribution of that row."""
        at = np.searchsorted(self._bounds, rows + random.random(len(rows)), side="right")
        return np.minimum(at - rows * self._n_things, self._n_things - 1)


@dataclass(frozen=True)
class Model:
    """What customers are likely to do; the same for all sizes."""

    first: Choices
    following: Choices  # by segment and touchpoint
    channel: Choices  # by touchpoint

    @classmethod
    def make(cls) -> Model:
        """Draw the model."""
        random = np.random.default_rng([_SEED, 0])
        n = len(TOUCHPOINTS)
        popularity = 1 / np.arange(1, n + 1)
        by_segment = popularity * random.lognormal(0, 0.5, (len(_SEGMENTS), 1, n))
        weights = by_segment * random.lognormal(0, 0.7, (len(_SEGMENTS), n, n))
        weights *= _STAGE_TO_STAGE[_STAGE_OF[:, None], _STAGE_OF[None, :]]
        weights[:, np.arange(n), np.arange(n)] *= 0.5
        channels = random.dirichlet(np.full(len(CHANNELS), 0.25), n) + 0.01
        return cls(
            first=Choices((popularity * _STAGE_AT_FIRST[_STAGE_OF])[None, :]),
            following=Choices(weights.reshape(-1, n)),
            channel=Choices(channels),
        )


@dataclass(frozen=True)
class Chunk:
    """Whole customers and what they did; interactions stand customer by customer."""

    customers: IntArray  # ids
    segments: IntArray
    loyal: npt.NDArray[np.bool_]
    referrers: IntArray  # places in `customers`, -1 for none
    lengths: IntArray
    touchpoints: IntArray
    channels: IntArray
    at: IntArray  # seconds
    cents: IntArray  # -1 for none
    valence: IntArray  # thousandths
    has_valence: npt.NDArray[np.bool_]


def _draw_lengths(n_interactions: int, random: np.random.Generator) -> IntArray:
    n_enough = n_interactions // 5 + 100
    lengths = random.geometric(1 / 8.2, n_enough)
    tail = np.minimum(30 * (1 + random.pareto(1.6, n_enough)), 1_000).astype(np.int64)
    lengths = np.where(random.random(n_enough) < 0.02, tail, lengths)
    ends = np.cumsum(lengths)
    n_customers = int(np.searchsorted(ends, n_interactions)) + 1
    lengths = lengths[:n_customers]
    lengths[-1] -= ends[n_customers - 1] - n_interactions
    return lengths


def _walk(
    model: Model, segments: IntArray, lengths: IntArray, random: np.random.Generator
) -> IntArray:
    """Everybody's touchpoints, step by step: those with more steps to go are always in front."""
    starts = np.cumsum(lengths) - lengths
    longest_first = np.argsort(-lengths, kind="stable")
    falling = -lengths[longest_first]
    touchpoints = np.empty(int(lengths.sum()), np.int64)
    current = model.first.draw(np.zeros(len(lengths), np.int64), random)
    touchpoints[starts[longest_first]] = current
    for step in range(1, int(lengths.max())):
        going_on = longest_first[: int(np.searchsorted(falling, -step))]
        rows = segments[going_on] * len(TOUCHPOINTS) + current[: len(going_on)]
        current = model.following.draw(rows, random)
        touchpoints[starts[going_on] + step] = current
    return touchpoints


def _draw_times(lengths: IntArray, random: np.random.Generator) -> IntArray:
    n = int(lengths.sum())
    within_visit = random.lognormal(np.log(240), 1.2, n)
    between_visits = random.lognormal(np.log(1.2 * _DAY), 1.1, n)
    gaps = np.where(random.random(n) < 0.55, within_visit, between_visits)
    elapsed = np.cumsum(np.maximum(gaps, 1).astype(np.int64))
    begins = _FIRST_DAY + random.integers(0, 2 * 365 * _DAY, len(lengths))
    firsts = elapsed[np.cumsum(lengths) - lengths]
    return elapsed + np.repeat(begins - firsts, lengths)


def _draw_referrers(n_customers: int, random: np.random.Generator) -> IntArray:
    places = np.arange(n_customers)
    earlier = (places * random.random(n_customers) ** 2).astype(np.int64)
    was_brought = (random.random(n_customers) < 0.15) & (places > 0)
    return np.where(was_brought, earlier, -1)


def draw_chunk(model: Model, n_interactions: int, number: int, first_customer: int) -> Chunk:
    """Draw one chunk; `first_customer` is how many customers the chunks before it have."""
    random = np.random.default_rng([_SEED, 1, number])
    lengths = _draw_lengths(n_interactions, random)
    n_customers = len(lengths)
    segments = random.choice(len(_SEGMENTS), n_customers, p=_SEGMENTS).astype(np.int64)
    touchpoints = _walk(model, segments, lengths, random)
    n = len(touchpoints)
    is_purchase = touchpoints == PURCHASE
    bought = np.zeros(n_customers, np.bool_)
    bought[np.repeat(np.arange(n_customers), lengths)[is_purchase]] = True
    numbers = first_customer + random.permutation(n_customers)
    return Chunk(
        customers=_FIRST_CUSTOMER + 3 * numbers,
        segments=segments,
        loyal=random.random(n_customers) < 0.08 + 0.05 * segments + 0.2 * bought,
        referrers=_draw_referrers(n_customers, random),
        lengths=lengths,
        touchpoints=touchpoints,
        channels=model.channel.draw(touchpoints, random),
        at=_draw_times(lengths, random),
        cents=np.where(is_purchase, np.rint(100 * random.lognormal(3.5, 0.8, n)), -1).astype(
            np.int64
        ),
        valence=np.clip(np.rint(random.normal(100, 500, n)), -1000, 1000).astype(np.int64),
        has_valence=random.random(n) < 0.65,
    )


def _named(codes: IntArray, names: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.uint8()), pa.array(names)).cast(
        pa.string()
    )


def _interactions(
    customers: IntArray, at: IntArray, touchpoints: IntArray, channels: IntArray, cents: IntArray
) -> pa.Table:
    return pa.table(
        {
            "customer_id": customers,
            "at": pa.array(at, pa.timestamp("s")),
            "touchpoint": _named(touchpoints, TOUCHPOINTS),
            "channel": _named(channels, CHANNELS),
            "stage": _named(_STAGE_OF[touchpoints], STAGES),
            "value": pa.array(cents / 100, mask=cents < 0),
        }
    )


def interactions_of(chunk: Chunk) -> pa.Table:
    """The interactions of a chunk as an event log."""
    order = np.argsort(chunk.at, kind="stable")
    rows = (
        np.repeat(chunk.customers, chunk.lengths), chunk.at, chunk.touchpoints, chunk.channels,
        chunk.cents,
    )  # fmt: skip
    valence = pa.array(chunk.valence[order] / 1000, mask=~chunk.has_valence[order])
    return _interactions(*(column[order] for column in rows)).append_column("emotion", valence)


def customers_of(chunk: Chunk) -> pa.Table:
    """What is known of the customers of a chunk."""
    return pa.table(
        {"customer_id": chunk.customers, "segment": chunk.segments, "loyal": chunk.loyal}
    )


def referrals_of(chunk: Chunk) -> pa.Table:
    """Who brought whom in a chunk."""
    brought = np.flatnonzero(chunk.referrers >= 0)
    referrers = chunk.customers[chunk.referrers[brought]]
    return pa.table({"referrer": referrers, "referred": chunk.customers[brought]})


def delta_of(chunk: Chunk, n_interactions: int, n_customers: int, latest: int) -> pa.Table:
    """What happens after everything else; every tenth interaction is of a new customer."""
    random = np.random.default_rng([_SEED, 2])
    popularity = 1 / np.arange(1, len(TOUCHPOINTS) + 1)
    known = random.choice(chunk.customers, n_interactions)
    new = n_customers + random.integers(0, n_interactions // 100 + 1, n_interactions)
    touchpoints = random.choice(
        len(TOUCHPOINTS), n_interactions, p=popularity / popularity.sum()
    ).astype(np.int64)
    return _interactions(
        np.where(random.random(n_interactions) < 0.9, known, _FIRST_CUSTOMER + 3 * new),
        latest + 1 + np.arange(n_interactions),
        touchpoints,
        random.integers(0, len(CHANNELS), n_interactions),
        np.where(touchpoints == PURCHASE, 3_000, -1),
    )


def _chunks(n_interactions: int, model: Model) -> Iterator[tuple[int, Chunk]]:
    n_customers = 0
    for number, start in enumerate(range(0, n_interactions, _CHUNK)):
        chunk = draw_chunk(model, min(_CHUNK, n_interactions - start), number, n_customers)
        yield number, chunk
        n_customers += len(chunk.customers)


def _write(table: pa.Table, path: Path) -> None:
    pyarrow.parquet.write_table(table, path, compression="zstd", compression_level=1)


def make_journeys(folder: Path, size: str, n_interactions: int | None = None) -> Files:
    """Write the data of a size, unless it is there already.

    Parameters
    ----------
    size
        One of `SIZES`, or any name where `n_interactions` is given.
    """
    files = Files(folder, size)
    n_interactions = SIZES[size] if n_interactions is None else n_interactions
    stamp = json.dumps({"model": _MODEL, "interactions": n_interactions}, sort_keys=True)
    if files.marker.exists() and files.marker.read_text() == stamp:
        return files
    shutil.rmtree(files.home, ignore_errors=True)
    files.home.mkdir(parents=True)
    latest = n_customers = 0
    for number, chunk in _chunks(n_interactions, Model.make()):
        interactions = interactions_of(chunk)
        _write(interactions, files.home / f"interactions-{number:02d}.parquet")
        _write(customers_of(chunk), files.home / f"customers-{number:02d}.parquet")
        _write(referrals_of(chunk), files.home / f"referrals-{number:02d}.parquet")
        if n_interactions <= _LARGEST_CSV:
            pyarrow.csv.write_csv(interactions, files.csv)
        latest, n_customers = max(latest, int(chunk.at.max())), n_customers + len(chunk.customers)
        last = chunk
    _write(delta_of(last, n_interactions // 100, n_customers, latest), files.delta)
    files.marker.write_text(stamp)
    return files


def main() -> None:
    """Write the sizes that the command line names."""
    parser = argparse.ArgumentParser(description="Write synthetic customer journeys.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("sizes", nargs="+", choices=list(SIZES))
    given = parser.parse_args()
    for size in given.sizes:
        print(make_journeys(given.folder, size).home)


if __name__ == "__main__":
    main()
