"""`journeygraph score-text`: counts for people, a file for `load`."""

from pathlib import Path

from tests.cli.console import journeygraph


def test_texts_are_scored_and_counted(tmp_path: Path) -> None:
    (tmp_path / "said.csv").write_text("said\nI am so happy with it\nSehr gut und schnell\n")
    asked = ("score-text", "said.csv", "--text", "said", "--to", "scored.csv")
    done = journeygraph(*asked, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines[0] == "Texts of said.csv, written to scored.csv"
    assert "scored, English 1" in lines
    assert "unscored: another language 1" in lines
    assert "scored" in (tmp_path / "scored.csv").read_text()
