"""Certificates of our own making: an authority, a server's one, and a rival authority."""

import subprocess
from pathlib import Path

ADDRESS = "127.0.0.1"
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def make_certificates(folder: Path) -> None:
    """Make `ca.pem`, `other-ca.pem`, and `server.key` and `server.pem` for 127.0.0.1 only."""
    folder.mkdir()
    _make_authority(folder, "ca", "Journeys of tests")
    _make_authority(folder, "other-ca", "Nobody's authority")
    (folder / "names").write_text(f"subjectAltName=IP:{ADDRESS}\n")
    request = ("-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server")
    _openssl(folder, "req", *KEY, *request)
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names")
    _openssl(
        folder, "x509", "-req", "-in", "server.csr", "-out", "server.pem", "-days", "2", *signed
    )


def _make_authority(folder: Path, name: str, subject: str) -> None:
    files = ("-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2")
    _openssl(folder, "req", "-x509", *KEY, *files, "-subj", f"/CN={subject}")


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
