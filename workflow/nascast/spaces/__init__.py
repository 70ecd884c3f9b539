"""Search spaces: sample, parse, mutate, enumerate and build architectures."""
