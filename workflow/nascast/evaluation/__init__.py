"""Evaluation: metrics, intervals, splits and the protocol."""
