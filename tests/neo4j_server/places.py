"""Where the server's parts are: beside the environment's own files, never in the sources."""

import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

POM = Path(__file__).with_name("pom.xml")
VERSION = ElementTree.parse(POM).getroot().findtext(".//{*}dependency/{*}version")
FOLDER = Path(sys.prefix) / f"neo4j-server-{VERSION}"
JARS = FOLDER / "jars"
CLASSES = FOLDER / "classes.jsa"
TEMPLATE = FOLDER / "home"
READY = FOLDER / "ready"


def is_here() -> bool:
    """Whether a server can be started, and given certificates."""
    return READY.is_file() and all(shutil.which(program) for program in ("java", "openssl"))
