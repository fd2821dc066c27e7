"""How the server is held in check; every setting can be given in the environment.

The defaults suit one team on one machine. `JOURNEYGRAPH_SERVER_SECONDS=10` and its like change
them; a setting that cannot be used is an error before the server starts.
"""

from __future__ import annotations

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.errors import UnusableSettingError

__all__ = ["PREFIX", "ServerSettings", "read_settings"]

PREFIX = "JOURNEYGRAPH_SERVER_"


class ServerSettings(BaseSettings):
    """How much the server takes on.

    Attributes
    ----------
    at_once
        Queries answered at the same time.
    waiting
        Queries that may wait for their turn; more are turned away.
    seconds
        How long a query may take, its waiting included.
    body_bytes
        How large a request may be.
    cache_bytes
        How much of what was counted is remembered for those who ask again; nothing with 0.
    allow_recording
        Whether mutations may write to the store; it is only read if not.
    hosts
        Names under which the server may be asked for, by comma; for itself only, those of the
        machine itself, and otherwise all, if not given.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, env_ignore_empty=True)

    at_once: int = Field(default=4, ge=1, le=1_000)
    waiting: int = Field(default=64, ge=0, le=100_000)
    seconds: float = Field(default=60.0, gt=0, le=86_400)
    body_bytes: int = Field(default=1_000_000, ge=1_000, le=1_000_000_000)
    cache_bytes: int = Field(default=1 << 29, ge=0, le=1 << 50)
    allow_recording: bool = False
    hosts: str = ""

    @property
    def host_names(self) -> frozenset[str]:
        """The names in `hosts`."""
        return frozenset(name.strip().lower() for name in self.hosts.split(",") if name.strip())


def read_settings() -> ServerSettings:
    """The settings of the environment.

    Raises
    ------
    UnusableSettingError
        Where one of them cannot be used.
    """
    try:
        return ServerSettings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise UnusableSettingError(name, first["input"], first["msg"].lower()) from None
