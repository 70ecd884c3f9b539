"""nascast forecasts how well a neural architecture will do before it is trained."""

__version__ = "0.1.0"
