"""Image sets as single tensors, and batched augmentation."""
