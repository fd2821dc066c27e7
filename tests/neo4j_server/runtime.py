"""What a server needs to start: jars, an archive of loaded classes, and a home to copy.

The archive and the home halve the time that a start takes. All of it is made once.
"""

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.neo4j_server.places import CLASSES, FOLDER, JARS, POM, READY, TEMPLATE
from tests.neo4j_server.process import Neo4jServer, set_password


def prepare() -> None:
    """Fetch and make what is not there yet; of several processes at once, one does it."""
    with _alone():
        if not READY.is_file():
            _fetch_jars()
            _make_template()
            READY.touch()


def server_in(home: Path) -> Neo4jServer:
    """A server with a home of its own, not yet started."""
    shutil.copytree(TEMPLATE, home)
    options = (f"-XX:SharedArchiveFile={CLASSES}", "-Xlog:cds=off", "-XX:TieredStopAtLevel=1")
    return Neo4jServer(home, JARS, options=options)


@contextmanager
def _alone() -> Iterator[None]:
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch_jars() -> None:
    shutil.rmtree(JARS, ignore_errors=True)
    goal = "dependency:copy-dependencies"
    target = f"-DoutputDirectory={JARS}"
    subprocess.run(["mvn", "-B", "-q", "-f", str(POM), goal, target], check=True)


def _make_template() -> None:
    """A home with its password set, after a first start that leaves the archive of classes."""
    shutil.rmtree(TEMPLATE, ignore_errors=True)
    CLASSES.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        set_password(home, JARS)
        with Neo4jServer(home, JARS, options=(f"-XX:ArchiveClassesAtExit={CLASSES}",)) as server:
            server.start()
            server.empty()
        shutil.copytree(home / "data", TEMPLATE / "data")
