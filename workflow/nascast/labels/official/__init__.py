"""Readers of the benchmarks' official files, one module a format.

They take what :mod:`nascast.io` reads from a file and give Labels frames or proxy scores, in parts
that fit into memory whatever the size of the file.
"""
