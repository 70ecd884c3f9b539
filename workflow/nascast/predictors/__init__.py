"""Predictors: one file a predictor (or a close family), all behind one contract."""
