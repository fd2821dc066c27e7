"""The examples in docs/feedback.md give what the page says they give."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import pandas as pd
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "feedback.md"
NAMES = {
    "complaints.csv": "bpi2016_complaints.csv",
    "events.parquet": "olist_sample8k_events.parquet",
    "orders.parquet": "olist_sample8k_orders.parquet",
    "reviews.parquet": "olist_sample8k_reviews.parquet",
}


@pytest.mark.realdata
def test_the_examples_give_the_numbers_they_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(os.environ["JOURNEYGRAPH_DATA"])
    monkeypatch.chdir(tmp_path)
    for name, source in NAMES.items():
        Path(name).symlink_to(data / source)
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted > 10
    assert result.failed == 0


@pytest.mark.realdata
def test_promises_are_those_that_pandas_counts() -> None:
    """The counts of the page, from the tables themselves."""
    data = Path(os.environ["JOURNEYGRAPH_DATA"])
    orders = pd.read_parquet(data / NAMES["orders.parquet"])
    reviews = pd.read_parquet(data / NAMES["reviews.parquet"])
    due, closed = (
        pd.to_datetime(orders[name])
        for name in ("order_estimated_delivery_date", "order_delivered_customer_date")
    )
    # the end of what is known: the latest event, review or delivery
    events = pd.read_parquet(data / NAMES["events.parquet"])
    end = max(events.timestamp.dt.tz_localize(None).max(), closed.max())
    overdue = int((closed.isna() & (due < end)).sum())
    kept, late = int((closed <= due).sum()), int((closed > due).sum())
    pending = len(orders) - kept - late - overdue
    shown = f"({len(orders)}, {kept}, {late + overdue}, {pending}, {overdue})"
    assert shown in PAGE.read_text()
    for kind, stars in (("praise", (4, 5)), ("complaint", (1, 2)), ("suggestion", (3,))):
        of_kind = reviews[reviews.review_score.isin(stars)]
        n, who = len(of_kind), of_kind.customer_unique_id.nunique()
        assert f"{kind} {n} {who} {n}" in PAGE.read_text()
