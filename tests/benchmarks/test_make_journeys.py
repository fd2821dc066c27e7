"""The data of the benchmarks is the same everywhere, and what its model promises."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.files import Files
from benchmarks.make_journeys import PURCHASE, TOUCHPOINTS, Model, draw_chunk, make_journeys

N_INTERACTIONS = 24_000  # of some 2,000 customers


def digests(files: Files) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(files.home.iterdir())
    }


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_journeys(tmp_path_factory.mktemp("data"), "small", N_INTERACTIONS)


def test_made_again_it_is_the_same_to_the_byte(files: Files, tmp_path: Path) -> None:
    assert digests(make_journeys(tmp_path, "small", N_INTERACTIONS)) == digests(files)


def test_what_is_there_is_not_made_again(files: Files) -> None:
    before = files.csv.stat().st_mtime_ns
    make_journeys(files.folder, "small", N_INTERACTIONS)
    assert files.csv.stat().st_mtime_ns == before


def test_it_has_as_many_interactions_as_asked_for_in_the_order_of_time(files: Files) -> None:
    interactions = pd.read_parquet(files.interactions[0])
    assert len(interactions) == N_INTERACTIONS
    assert interactions["at"].is_monotonic_increasing


def test_no_customer_has_two_interactions_at_one_moment(files: Files) -> None:
    interactions = pd.read_parquet(files.interactions[0])
    assert not interactions.duplicated(["customer_id", "at"]).any()


def test_csv_and_parquet_hold_the_same(files: Files) -> None:
    parquet = pd.read_parquet(files.interactions[0])
    csv = pd.read_csv(files.csv, parse_dates=["at"])
    csv["at"] = csv["at"].astype(parquet["at"].dtype)
    pd.testing.assert_frame_equal(csv, parquet, check_dtype=False)


def test_a_purchase_and_nothing_else_has_a_value(files: Files) -> None:
    interactions = pd.read_parquet(files.interactions[0])
    assert (
        interactions["value"].notna() == (interactions["touchpoint"] == TOUCHPOINTS[PURCHASE])
    ).all()


def test_referrals_are_a_forest_of_known_customers(files: Files) -> None:
    customers = set(pd.read_parquet(files.customers[0])["customer_id"])
    referrals = pd.read_parquet(files.referrals[0])
    parents = dict(zip(referrals["referred"], referrals["referrer"], strict=True))
    assert len(parents) == len(referrals)
    assert customers >= set(parents) | set(parents.values())
    for customer in parents:
        seen = set()
        above = customer
        while above in parents:
            assert above not in seen
            seen.add(above)
            above = parents[above]


def test_the_longest_journey_there_can_be_is_over() -> None:
    """A thousand interactions is the most, and four days apart is far more than any of them."""
    longest = draw_chunk(Model.make(), 2_000_000, 0, 0)
    assert longest.lengths.max() == 1_000
    assert longest.at.max() < np.datetime64("2022-01-01", "s").astype(int)


def test_the_delta_is_later_than_everything_else(files: Files) -> None:
    delta = pd.read_parquet(files.delta)
    assert len(delta) == N_INTERACTIONS // 100
    assert delta["at"].min() > pd.read_parquet(files.interactions[0])["at"].max()
