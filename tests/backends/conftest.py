"""One session of Spark for all tests of a run, and a small store of all tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import journeygraph
from journeygraph.loading.options import LoadOptions


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """One worker, which loads kernels once; few partitions, and no more noise than errors."""
    from journeygraph.backends.spark_session import session_of

    session = session_of(
        "local[1]", spark__sql__shuffle__partitions="2", spark__driver__memory="1g",
        spark__sql__codegen__wholeStage="false",  # compiling costs more than these few rows
        spark__driver__extraJavaOptions="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    )  # fmt: skip
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A store with all tables, of two loads of interactions."""
    store = tmp_path / "shop"
    files = {
        "customers": "customer,key,attribute_x,tier\nann,k1,x,gold\nbob,,,\nzoe,k2,,\n",
        "interactions": "customer,at,touchpoint,channel,stage,value,session,colour,level\n"
        "ann,2024-01-01,ad,web,inquiry,,s1,red,rational\n"
        "ann,2024-01-03,purchase,app,purchase,12.50,s2,,\n"
        "bob,2024-01-02,ad,,,,,,\n"
        "7,2024-01-02,support call,phone,support,,,green,\n",
        "referrals": "referrer,referred,at,medium\nann,bob,2024-01-01,email\n,zoe,,\nbob,ann,,\n",
        "feedback": "customer,kind,opened_at,closed_at,touchpoint,team,text,mood\n"
        "ann,complaint,2024-01-04,2024-01-05,support call,blue,too slow,cross\n"
        "stranger,praise,2024-01-05,,,,nice,\n",
    }
    for table, text in files.items():
        file = tmp_path / f"{table}.csv"
        file.write_text(text)
        journeygraph.load(store, file, LoadOptions(table=table, currency="EUR"))
    return store
