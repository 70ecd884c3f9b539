"""Every search space by its name.

Another distribution adds a space through the entry-point group ``nascast.spaces``.
"""

from __future__ import annotations

from nascast.errors import NascastError
from nascast.registry import Registry
from nascast.spaces.base import SearchSpace

BUILT_IN = {
    "nasbench101": "nascast.spaces.nasbench101:NASBench101",
    "nasbench201": "nascast.spaces.nasbench201:NASBench201",
    "proxylessnas": "nascast.spaces.proxylessnas:ProxylessNAS",
    "ofa_mbv3": "nascast.spaces.ofa_mbv3:OFAMobileNetV3",
    "ofa_resnet": "nascast.spaces.ofa_resnet:OFAResNet",
    "darts": "nascast.spaces.darts:DARTS",
    "transnas_micro": "nascast.spaces.transnas_micro:TransNASMicro",
    "transnas_macro": "nascast.spaces.transnas_macro:TransNASMacro",
    "hiaml": "nascast.spaces.hiaml:HiAML",
    "inception": "nascast.spaces.inception:Inception",
    "two_path": "nascast.spaces.two_path:TwoPath",
}


class SpaceError(NascastError):
    """A search space that is unknown or cannot be loaded."""


REGISTRY = Registry("search space", "nascast.spaces", BUILT_IN, SpaceError)
names = REGISTRY.names
module_of = REGISTRY.module_of


def create(name: str) -> SearchSpace:
    """Return the search space registered under ``name``.

    Raises:
        SpaceError: as :meth:`nascast.registry.Registry.load`, or it lacks a part of the contract.
    """
    space = REGISTRY.load(name)()
    if not isinstance(space, SearchSpace):
        raise SpaceError(f"search space {name!r} does not fulfil the contract SearchSpace")
    return space
