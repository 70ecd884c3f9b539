"""nascast forecasts how well a neural architecture will do before it is trained."""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Return what the package offers beside its version; imported when it is first asked for."""
    if name == "rank":
        from nascast.ranking.api import rank

        return rank
    raise AttributeError(f"module 'nascast' has no attribute {name!r}")
