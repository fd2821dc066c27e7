"""`journeygraph referrals` and its sisters: tables for people, JSON for programs, errors."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.console import journeygraph

VISITS = """customer_id,touchpoint,timestamp,channel,value
ann,visit,2024-01-01,web,
bob,visit,2024-01-05,web,
bob,purchase,2024-03-20,web,10.00
cat,purchase,2024-01-20,web,6.00
dan,visit,2024-04-01,web,
"""
INVITED = """referrer_id,customer_id,at,medium
ann,bob,2024-01-02,email
dan,bob,2024-01-03,phone
bob,cat,2024-01-10,email
"""
STORE = ("--store", "shop", "--json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("referrals")
    (folder / "visits.csv").write_text(VISITS)
    (folder / "invited.csv").write_text(INVITED)
    for words in (["visits.csv"], ["invited.csv", "--table", "referrals"]):
        done = journeygraph("load", *words, "--store", "shop", folder=folder)
        assert done.returncode == 0, done.stderr
    return folder


def test_json_for_programs(folder: Path) -> None:
    def asked(*words: str) -> Any:
        done = journeygraph(*words, *STORE, folder=folder)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    split = asked("referrals", "--credit", "split")
    assert [(node["customer"], node["credit"]) for node in split["credits"]] == [
        ("bob", 1.0), ("ann", 0.5), ("dan", 0.5)
    ]  # fmt: skip
    assert asked("referrals", "--medium", "phone")["otherMedium"] == 2
    assert asked("referrals", "--credit", "last")["maxDepth"] == 2
    (cascade,) = asked("cascades", "--order", "virality")["nodes"]
    assert (cascade["root"], cascade["generations"]) == ("ann", [1, 1, 1])
    tree = asked("referral-tree", "--of", "cat")
    assert (tree["root"], tree["referrers"]) == ("ann", [-1, 0, 1])
    overall = asked("k-factor", "--period", "week")["overall"]
    assert (overall["observed"], overall["k"]) == (3, pytest.approx(2 / 3))
    contrast = asked("referred-contrast", "--within", "10d", "--repeat-purchase-within", "20d")
    assert (contrast["matchedReferred"], contrast["matchedOthers"]) == (2, 1)
    outcome, *_, loyal = contrast["measures"]
    assert (outcome["measure"], outcome["referred"]["having"]) == ("outcome", 1)
    assert (loyal["measure"], loyal["strata"]) == ("loyal", 0)
    left = asked("referrer-left", "--inactivity", "30d")
    assert left["nodes"][0]["customer"] == "bob"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["referrals"], "decayed by 0.5"),
        (["referrals", "--credit", "split"], "0.50"),
        (["cascades"], "virality"),
        (["referral-tree", "--most", "2"], "1 farther down are not listed"),
        (["k-factor"], "2024-01"),
        (["before-referral", "--no-match-activity"], "month of the first interaction"),
        (["referrer-left"], "whose referrer has left"),
        (["referred-contrast", "--within", "10d", "--match-on", "channel"], "alike in month of"),
    ],
)
def test_tables_for_people(folder: Path, command: list[str], said: str) -> None:
    done = journeygraph(*command, "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["cascades", "--credit", "split"], "CONFLICTING_OPTIONS"),
        (["cascades", "--order", "width"], "INVALID_OPTION"),
        (["referral-tree", "--of", "zoe"], "UNKNOWN_CUSTOMER"),
        (["k-factor", "--within", "30"], "INVALID_DURATION"),
        (["referred-contrast", "--match-on", "shoe"], "UNKNOWN_COLUMN"),
        (["referrals", "--medium", "smoke"], "UNKNOWN_CHANNEL"),
    ],
)
def test_errors_in_words(folder: Path, command: list[str], code: str) -> None:
    done = journeygraph(*command, "--store", "shop", folder=folder)
    assert done.returncode == 1
    assert f"[{code}]" in done.stderr
    assert "Traceback" not in done.stderr
