"""`journeygraph identities`: merged, listed and taken apart, with errors in words."""

import json
from pathlib import Path

from tests.cli.console import journeygraph

VISITS = """customer,at,touchpoint
ann,2024-01-01,ad
device-7,2024-01-02,purchase
bob,2024-01-01,ad
"""


def test_merged_listed_and_taken_apart(tmp_path: Path) -> None:
    def said(*arguments: str) -> str:
        done = journeygraph(*arguments, "--store", "shop", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    (tmp_path / "visits.csv").write_text(VISITS)
    (tmp_path / "people.csv").write_text("device,person\ndevice-7,ann\ntablet,ann\n")
    said("load", "visits.csv")
    table = ("identities", "merge", "people.csv", "--id", "device", "--customer", "person")
    out = said(*table)
    assert "2 ids belong to 1 customers now: store version 2." in out
    assert "1 of the names are in no row yet" in out
    assert said(*table) == "Nothing to merge: 2 ids are merged already.\n"
    listed = json.loads(said("identities", "list", "--json", "--customer", "tablet"))
    assert listed == [
        {"id": "device-7", "customer": "ann"}, {"id": "tablet", "customer": "ann"},
    ]  # fmt: skip
    profile = said("customer", "device-7")
    assert "Customer ann" in profile
    assert "also known as" in profile
    (tmp_path / "said.csv").write_text("customer,land\nann,DE\ntablet,FR\n")
    assert "1 values of attributes replace others" in _noted(tmp_path)
    listed_conflicts = said("identities", "conflicts")
    assert "Attributes said otherwise – 1" in listed_conflicts
    [row] = [line for line in listed_conflicts.splitlines() if line.startswith("ann ")]
    told = "ann land FR load 2 said.csv DE load 2 said.csv"
    assert " ".join(row.split()) == told
    out = said("identities", "unmerge", "--all")
    assert "2 ids are customers of their own: store version 4." in out


def _noted(folder: Path) -> str:
    asked = ("load", "said.csv", "--table", "customers", "--store", "shop")
    done = journeygraph(*asked, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_errors_in_words(tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text(VISITS)
    (tmp_path / "bad.csv").write_text("id,customer\na,b\nb,c\n")
    journeygraph("load", "visits.csv", "--store", "shop", folder=tmp_path)
    for arguments, code in (
        (("merge", "bad.csv"), "bad.csv:2: The key table cannot be used"),
        (("unmerge", "ann"), "[NOT_MERGED]"),
        (("unmerge", "ann", "--all"), "[CONFLICTING_OPTIONS]"),
    ):
        done = journeygraph("identities", *arguments, "--store", "shop", folder=tmp_path)
        assert done.returncode == 1
        assert code in done.stderr
        assert "Traceback" not in done.stderr
