"""Cell graphs as arrays that predictors can read."""
