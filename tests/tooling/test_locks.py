"""The locks agree with each other and with pyproject.toml, and name no package index."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
ALL_LOCKS = (*LOCKS, "requirements-spark.lock", "requirements-explorer.lock")
NPM = ROOT / "api" / "explorer" / "web"
PIN = re.compile(r"^([a-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    """The version of each package that a lock holds."""
    return dict(PIN.findall((ROOT / lock).read_text()))


@pytest.mark.parametrize("lock", ALL_LOCKS)
def test_no_index_is_named(lock):
    assert not re.findall(r"://|^-.*", (ROOT / lock).read_text(), re.MULTILINE)


@pytest.mark.parametrize("lock", ALL_LOCKS)
def test_every_package_has_hashes(lock):
    for entry in re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text())[1:]:
        assert "--hash=sha256:" in entry, entry


def test_what_users_install_is_what_is_tested():
    runtime, development = (pins(lock) for lock in LOCKS)
    assert runtime.items() <= development.items()


def test_every_dependency_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[^a-z0-9-]", dependency)[0] for dependency in project["dependencies"]}
    assert names <= pins("requirements.lock").keys()


def test_the_extra_that_users_install_is_locked_for_the_tests():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]["spark"]
    assert extras == project["dependency-groups"]["spark"]
    assert "pyspark" in pins("requirements-spark.lock")


def test_the_store_stays_at_the_version_that_corrupts_nothing():
    assert pins("requirements.lock")["deltalake"] == "1.6.3"


def test_the_explorer_s_packages_are_locked_by_digest_and_name_no_registry():
    text = (NPM / "package-lock.json").read_text()
    assert "://" not in text
    packages = json.loads(text)["packages"]
    named = json.loads((NPM / "package.json").read_text())
    assert packages.pop("")["dependencies"] == named["dependencies"]
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def test_the_explorer_s_packages_may_be_shipped():
    permissive = {"MIT", "Apache-2.0", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "PSF-2.0"}
    packages = json.loads((NPM / "package-lock.json").read_text())["packages"]
    del packages[""]
    shipped = {name: entry for name, entry in packages.items() if not entry.get("dev")}
    for name, entry in shipped.items():
        assert entry["license"].strip("()") in {*permissive, "MPL-2.0 OR Apache-2.0"}, name
