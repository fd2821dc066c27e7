"""The wheel carries the built explorer, and none of its sources."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The parts of the project that a wheel is built from, with a small explorer in it."""
    folder = tmp_path / "project"
    left_out = shutil.ignore_patterns("node_modules", "built", "__pycache__")
    shutil.copytree(ROOT / "api" / "explorer", folder / "api" / "explorer", ignore=left_out)
    for package in ("journeygraph", "queries"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, folder / name)
    built = folder / "api" / "explorer" / "built"
    (built / "assets").mkdir(parents=True)
    for name in ("index.html", "graphiql.html", "figures.js", "assets/index-abc.js", ".built"):
        (built / name).write_text(name)
    return folder


def test_a_wheel_has_what_the_server_hands_out(project: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if "/web/" in name]
    assert {name for name in names if "/built/" in name} == {
        f"api/explorer/built/{name}"
        for name in ("index.html", "graphiql.html", "figures.js", "assets/index-abc.js", ".built")
    }
