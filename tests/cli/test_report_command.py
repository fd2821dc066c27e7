"""`journeygraph report`: a file with the pictures of a view, or an error that says what to do."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

VISITS = """customer_id,timestamp,touchpoint,channel,stage,value
ann,2024-01-01T10:00:00,<img src=x>,web,inquiry,
ann,2024-01-02T10:00:00,purchase,web,purchase,50
bob,2024-01-03T10:00:00,<img src=x>,phone,inquiry,
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_view_of_a_population_becomes_a_file(folder: Path) -> None:
    command = (
        "report",
        "--store",
        "shop",
        "--view",
        "map",
        "--channel",
        "web",
        "--set",
        "listed=2",
    )
    done = journeygraph(*command, folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("journeygraph-map.html: ")
    html = (folder / "journeygraph-map.html").read_text(encoding="utf-8")
    assert "<img" not in html
    (found,) = re.findall(r'id="content">(.*?)</script>', html)
    (part,) = json.loads(found)["parts"]
    answer = part["pictures"][0]["answer"]
    assert (answer["units"], len(answer["nodes"])) == (1, 2)
    assert {node["item"] for node in answer["nodes"]} == {"<img src=x>", "purchase"}
    assert part["variables"]["where"] == {"channels": ["web"]}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--view", "mapp"], "UNKNOWN_VIEW"),
        (["--view", "customer"], "INVALID_OPTION"),
        (["--view", "customer", "--set", "id=zoe"], "UNKNOWN_CUSTOMER"),
        (["--view", "map", "--set", "listed"], "INVALID_OPTION"),
        (["--view", "map", "--channel", "smoke"], "UNKNOWN_CHANNEL"),
        (["--view", "map", "--out", "nowhere/no.html"], "INVALID_OPTION"),
    ],
)
def test_errors_in_words(folder: Path, options: list[str], code: str) -> None:
    done = journeygraph("report", "--store", "shop", "--out", "no.html", *options, folder=folder)
    assert done.returncode == 1
    assert f"[{code}]" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "no.html").exists()
