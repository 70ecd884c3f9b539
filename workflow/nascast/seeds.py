"""Seeds hashed from identity, so that neither order nor sharding changes a number."""

from __future__ import annotations

import hashlib

_SEED_BITS = 63


def derive_seed(*identity: str | int) -> int:
    """Return the seed that belongs to an identity such as ``("traces", arch_id, images, 0)``.

    The parts are hashed with their types and lengths, so ``("a", "bc")`` and ``("ab", "c")`` or
    ``("1",)`` and ``(1,)`` differ. The result is in ``[0, 2**63)``, which NumPy's and torch's
    generators both accept.

    Raises:
        ValueError: if no part is given, because a seed without identity repeats everywhere.
    """
    if not identity:
        raise ValueError("derive_seed needs at least one part, for example the stage's name")
    digest = hashlib.blake2b(digest_size=8)
    for part in identity:
        text = f"{type(part).__name__}:{part}".encode()
        digest.update(len(text).to_bytes(4, "little"))
        digest.update(text)
    return int.from_bytes(digest.digest(), "little") >> (64 - _SEED_BITS)
