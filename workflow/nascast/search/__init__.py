"""Architecture search: random, evolutionary, guided by predictors, Bayesian; and its regret."""
