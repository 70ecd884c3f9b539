"""Tables: one module a paper, tidy rows first, renderings second."""
