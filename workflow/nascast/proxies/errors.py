"""The error of this room; on its own, so that the registry starts without torch."""

from nascast.errors import NascastError


class ProxyError(NascastError):
    """A proxy is unknown, or a network cannot be measured; the message says which and why."""
