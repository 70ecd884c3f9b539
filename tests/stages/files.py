"""What the tests of the stages write their files with."""

from nascast.io.provenance import collect

ORIGIN = collect(stage="test", fingerprint="0", config={})
