"""Zero-cost proxies: one file each, and one forward and backward pass that they share."""
