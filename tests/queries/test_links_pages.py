"""The examples in the pages on referral chains and loyalty touchpoints give what they show."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
FILES = {
    "referral-chains.md": {
        "otc.parquet": "bitcoin_otc.parquet",
        "lenders.parquet": "kiva_lenders.parquet",
    },
    "loyalty-touchpoints.md": {
        "shop.parquet": "simple_onlineshop.parquet",
        "hotel.parquet": "hotel_bookings.parquet",
        "cdnow.parquet": "cdnow.parquet",
    },
}


@pytest.mark.realdata
@pytest.mark.parametrize("page", FILES)
def test_the_examples_give_the_numbers_they_show(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, source in FILES[page].items():
        Path(name).symlink_to(Path(os.environ["JOURNEYGRAPH_DATA"]) / source)
    result = doctest.testfile(str(DOCS / page), module_relative=False, encoding="utf-8")
    assert result.attempted > 10
    assert result.failed == 0
