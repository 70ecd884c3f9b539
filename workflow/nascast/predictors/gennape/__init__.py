"""GENNAPE's heads: what turns embeddings of computation graphs into accuracies and ranks."""
