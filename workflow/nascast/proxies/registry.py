"""Every proxy by its name.

Another distribution adds a proxy through the entry-point group ``nascast.proxies``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nascast.proxies.errors import ProxyError
from nascast.registry import Registry

if TYPE_CHECKING:
    from nascast.proxies.base import Proxy

SUITE_ZERO = {
    "epe_nas": "nascast.proxies.epe_nas:EpeNas",
    "fisher": "nascast.proxies.fisher:Fisher",
    "flops": "nascast.proxies.flops:Flops",
    "grad_norm": "nascast.proxies.grad_norm:GradNorm",
    "grasp": "nascast.proxies.grasp:Grasp",
    "jacov": "nascast.proxies.jacov:Jacov",
    "l2_norm": "nascast.proxies.l2_norm:L2Norm",
    "nwot": "nascast.proxies.nwot:Nwot",
    "params": "nascast.proxies.params:Params",
    "plain": "nascast.proxies.plain:Plain",
    "snip": "nascast.proxies.snip:Snip",
    "synflow": "nascast.proxies.synflow:Synflow",
    "zen": "nascast.proxies.zen:Zen",
}
"""The thirteen of NAS-Bench-Suite-Zero."""

NEWER = {
    "knas": "nascast.proxies.knas:Knas",
    "logsynflow": "nascast.proxies.logsynflow:LogSynflow",
    "regions": "nascast.proxies.regions:Regions",
    "te_nas_ntk": "nascast.proxies.te_nas_ntk:TeNasNtk",
    "te_nas_regions": "nascast.proxies.te_nas_regions:TeNasRegions",
    "zico": "nascast.proxies.zico:Zico",
}
"""Those that are not among the thirteen."""

BUILT_IN = SUITE_ZERO | NEWER
REGISTRY = Registry("proxy", "nascast.proxies", BUILT_IN, ProxyError)
names = REGISTRY.names
module_of = REGISTRY.module_of


def create(name: str) -> Proxy:
    """Return the proxy registered under ``name``.

    Raises:
        ProxyError: as :meth:`nascast.registry.Registry.load`, or what is registered is no proxy.
    """
    from nascast.proxies.base import Proxy

    kind = REGISTRY.load(name)
    if not (isinstance(kind, type) and issubclass(kind, Proxy)):
        raise ProxyError(f"proxy {name!r} does not fulfil the contract nascast.proxies.base.Proxy")
    return kind()
