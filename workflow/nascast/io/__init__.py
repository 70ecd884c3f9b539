"""Files: atomic Parquet with provenance, verified sources, allow-list unpickling."""
