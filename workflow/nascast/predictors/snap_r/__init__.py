"""SNAP-R: a ranking of cells of any space that is learned on NAS-Bench-101 alone."""
