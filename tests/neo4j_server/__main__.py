"""Fetch the server: python -m tests.neo4j_server."""

import subprocess
import sys

from tests.neo4j_server.runtime import prepare

try:
    prepare()
except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
    sys.exit(f"No Neo4j server for the tests: {error}")
