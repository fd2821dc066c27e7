"""docs/recompute.md says what can be planned and what is stored."""

from __future__ import annotations

import re
from pathlib import Path

from journeygraph.lake.store import Store
from queries.stored.columns import COMMON
from queries.stored.ledger import PARTS
from queries.stored.plan import plan_of, read_plan
from queries.stored.registry import REGISTRY
from tests.graph.stores import write_load
from tests.stored.computing import SMALL

PAGE = (Path(__file__).parents[2] / "docs" / "recompute.md").read_text(encoding="utf-8")


def row_about(name):
    return next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))


def test_every_table_column_and_option_is_on_the_page():
    for statistic in REGISTRY.values():
        columns = re.findall(r"\w+", row_about(statistic.table.name))
        for column in statistic.columns:
            if not column.name.endswith(("_low", "_high")):
                assert column.name in columns
    for statistic in ("summary", "transitions", "common_paths", "drop_off", "funnel", "attribution",
                      "loyalty_touchpoints", "referrals"):  # fmt: skip
        listed = set(re.findall(r"`(\w+)`", row_about(statistic)))
        assert set(REGISTRY[statistic].options) <= listed
    assert f"`{PARTS.name}`" in PAGE
    for column in COMMON:
        assert f"`{column.name}`" in PAGE


def test_the_plan_on_the_page_is_one(tmp_path):
    [text] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    plan = read_plan(tmp_path / "plan.yaml")
    assert (plan.name, len(plan.entries)) == ("nightly", 4)
    [note] = re.findall(r"Where no plan is given, it is this one: (.*?)\.\n", PAGE, re.DOTALL)
    assert {entry.name for entry in plan_of().entries} == set(re.findall(r"`(\w+)`", note))


def test_the_session_runs(tmp_path, monkeypatch):
    write_load(tmp_path / "shop", SMALL)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.yaml").write_text(
        "periods: month\nstatistics: [{statistic: transitions}, {statistic: drop_off}]"
    )
    [example] = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
                 if "read_plan" in block]  # fmt: skip
    names = {}
    exec(example, names)
    assert names["done"].version == 2
    assert names["answer"].nodes == ()
    assert [point.period for point in names["points"].nodes] == ["1970-01", "1970-02", "1970-03"]
    assert Store.open("shop").version().kind == "recompute"


def test_examples_for_schedulers_can_be_read():
    import configparser

    units = re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL)
    assert len(units) == 2
    for unit in units:
        parser = configparser.ConfigParser()
        parser.read_string(unit)
        assert parser.sections()
    [dag] = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
             if "airflow" in block]  # fmt: skip
    compile(dag, "dag.py", "exec")
