"""What a network is trained for: classification and the seven tasks of TransNAS-Bench-101."""
