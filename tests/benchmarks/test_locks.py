"""The locks of the peers name no index, hold hashes, and agree with those of the project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "benchmarks").glob("requirements-*.lock"))
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


def test_each_list_of_peers_has_a_lock() -> None:
    listed = sorted((ROOT / "benchmarks").glob("requirements-*.in"))
    assert [path.stem for path in listed] == [path.stem for path in LOCKS]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_no_index_is_named_and_every_package_has_hashes(lock: Path) -> None:
    text = lock.read_text()
    assert not re.findall(r"://|^-.*", text, re.MULTILINE)
    entries = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_what_peers_and_the_project_share_is_of_one_version(lock: Path) -> None:
    ours: dict[str, set[str]] = {}
    for name, version in PIN.findall((ROOT / "requirements-dev.lock").read_text()):
        ours.setdefault(name, set()).add(version)
    for name, version in PIN.findall(lock.read_text()):
        assert version in ours.get(name, {version}), name
