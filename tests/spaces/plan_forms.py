"""When two plans are the same network: a form of a plan that knows nothing of spaces and specs."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from nascast.networks.plan import Plan

# The order of concatenated channels is no more than a numbering of what reads them.
COMMUTATIVE = ("add", "concat")


def plan_form(plan: Plan) -> str:
    """Return a hash of the last node, its settings and the same of all that it reads."""
    forms: list[str] = []
    for node in plan.nodes:
        read = [forms[i] for i in node.inputs]
        if node.op in COMMUTATIVE:
            read.sort()
        text = f"{replace(node, inputs=())} {read}"
        forms.append(hashlib.blake2b(text.encode(), digest_size=16).hexdigest())
    return forms[-1]
