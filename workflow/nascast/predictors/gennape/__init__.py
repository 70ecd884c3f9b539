"""GENNAPE: graph embeddings, soft clusters and an ensemble that predicts any network."""
