"""Labels: readers of benchmark tables and the label trainer."""
