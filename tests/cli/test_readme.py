"""The session of the README does what it shows."""

import re
from pathlib import Path

from tests.cli.console import Step, assert_prints, run, steps_of

README = Path(__file__).parents[2] / "README.md"


def test_the_session_of_the_readme(tmp_path):
    text = README.read_text(encoding="utf-8")
    steps = steps_of(text)
    assert len(steps) > 8
    for step in steps:
        if step.command.startswith("cat "):
            (tmp_path / step.command.removeprefix("cat ")).write_text(step.shown, encoding="utf-8")
            continue
        done = run(step.command, tmp_path)
        assert done.returncode == 0, f"$ {step.command}\n{done.stderr}"
        assert_prints(step, done.stdout)
    (program,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "session.py").write_text(program, encoding="utf-8")
    printed = run("python session.py", tmp_path)
    (shown,) = re.findall(r"^prints\n\n```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert_prints(Step("python session.py", shown), printed.stdout)


def test_every_page_that_the_readme_names_is_there():
    named = re.findall(r"\]\((docs/[^)#]+)", README.read_text(encoding="utf-8"))
    assert named
    assert [page for page in named if not (README.parent / page).is_file()] == []
