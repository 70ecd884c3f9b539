"""Traces: layer-wise weight and gradient statistics of partial training."""
