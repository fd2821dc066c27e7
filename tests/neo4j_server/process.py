"""One server: started, stopped, killed, started again at the same address, and emptied."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

USER = "neo4j"
PASSWORD = "journeys-of-tests"
CONFIGURATION = Path(__file__).with_name("neo4j.conf")
OPENED = ("java.nio", "java.io", "sun.nio.ch")
JAVA = ("java", "-Xms256m", "-Xmx1g", "-XX:+UseSerialGC", "-Dlog4j2.disable.jmx=true")
DIE_WITH_PARENT = 1  # prctl's PR_SET_PDEATHSIG


class Neo4jServer:
    """A server of its own home, on a free port of 127.0.0.1, with and without TLS."""

    def __init__(self, home: Path, jars: Path, *, options: tuple[str, ...] = ()) -> None:
        self.home = home
        self.jars = jars
        self.options = options
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """The address, without TLS."""
        return f"bolt://127.0.0.1:{self.port}"

    def driver(self) -> neo4j.Driver:
        """A driver that is allowed in; whoever asks closes it."""
        return neo4j.GraphDatabase.driver(self.uri, auth=(USER, PASSWORD))

    def start(self, within_seconds: float = 180) -> None:
        """Start, at the same address as before, and return when a query is answered."""
        self._configure()
        with (self.home / "console.log").open("ab") as console:
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        deadline = time.monotonic() + within_seconds
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Neo4j did not start:\n{self._last_words()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop as an administrator would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Stop as a power cut would."""
        self._end(signal.SIGKILL)

    def empty(self) -> None:
        """Remove every node and relationship; constraints and indexes stay.

        To make them anew takes longer than most tests, and so do the plans that go with them.
        """
        with self.driver() as driver, driver.session() as session:
            session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS").consume()

    def forget_schema(self) -> None:
        """Remove every constraint and index."""
        with self.driver() as driver, driver.session() as session:
            for kind in ("CONSTRAINT", "INDEX"):
                listed = session.run(f"SHOW {kind} YIELD name, type").data()
                for name in (row["name"] for row in listed if row["type"] != "LOOKUP"):
                    session.run(f"DROP {kind} `{name}` IF EXISTS").consume()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.stop()
        else:
            self.kill()

    def _command(self) -> list[str]:
        opens = (f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED)
        main = ("org.neo4j.server.CommunityEntryPoint", f"--home-dir={self.home}")
        place = f"--config-dir={self.home / 'conf'}"
        return [*JAVA, *self.options, *opens, "-cp", f"{self.jars}/*", *main, place]

    def _configure(self) -> None:
        """Write the configuration; TLS is offered where the home holds certificates."""
        address = f"127.0.0.1:{self.port}"
        lines = [
            CONFIGURATION.read_text(),
            f"server.bolt.listen_address={address}",
            f"server.bolt.advertised_address={address}",
        ]
        if (self.home / "certificates").is_dir():
            lines += [
                "server.bolt.tls_level=OPTIONAL",
                "dbms.ssl.policy.bolt.enabled=true",
                "dbms.ssl.policy.bolt.client_auth=NONE",
                f"dbms.ssl.policy.bolt.base_directory={self.home / 'certificates'}",
                "dbms.ssl.policy.bolt.private_key=server.key",
                "dbms.ssl.policy.bolt.public_certificate=server.pem",
            ]
        (self.home / "conf").mkdir(exist_ok=True)
        (self.home / "conf" / "neo4j.conf").write_text("\n".join(lines) + "\n")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                pass
            with self.driver() as driver:
                driver.execute_query("RETURN 1")
        except (OSError, DriverError, Neo4jError):
            return False
        return True

    def _end(self, by: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(by)
        try:
            self._process.wait(60)
        finally:
            self._process.kill()
            self._process = None

    def _last_words(self) -> str:
        logs = (self.home / "console.log", self.home / "logs" / "neo4j.log")
        return "\n".join(log.read_text()[-4000:] for log in logs if log.is_file())


def set_password(home: Path, jars: Path) -> None:
    """Give a home that was never started the password of the tests."""
    (home / "conf").mkdir(parents=True)
    (home / "conf" / "neo4j.conf").write_text(CONFIGURATION.read_text())
    admin = "org.neo4j.server.startup.Neo4jAdminCommand"
    subprocess.run(
        ["java", "-cp", f"{jars}/*", admin, "dbms", "set-initial-password", PASSWORD],
        env={**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _die_with_parent() -> None:
    """Take the server along when the tests are killed themselves."""
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
