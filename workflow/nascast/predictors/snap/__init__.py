"""SNAP: a graph convolution network on embedded descriptions of operators."""
