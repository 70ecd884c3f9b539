"""Cell graphs and computation graphs of architectures, and their encodings."""
