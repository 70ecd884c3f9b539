from nascast.ranking.api import rank as rank

__version__: str
