"""Network building blocks shared by the search spaces, and exact size counts."""
