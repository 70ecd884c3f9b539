"""ProxylessNAS as a once-for-all family: MobileNetV2 blocks at width 1.3, the depth searched.

Sources: Cai, Zhu & Han 2019, "ProxylessNAS: Direct Neural Architecture Search on Target Task and
Hardware", section 4.2 (blocks and stages); Cai et al. 2020, "Once-for-All", section 3.2, and the
released supernet ``ofa_proxyless_d234_e346_k357_w1.3`` (widths, choices, batch norms), which is
the family PN of Mills et al. 2021 and of GENNAPE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nascast.spaces.base import NetworkScale
from nascast.spaces.mobile_blocks import MobileSpace, Stage

if TYPE_CHECKING:
    from nascast.networks.plan import Plan
    from nascast.networks.widths import Widths

# Of the convolution in front of the global pool.
_LAST_WIDTH = 1664


class ProxylessNAS(MobileSpace):
    """Five stages of 2 to 4 blocks and a sixth of one, ReLU6 throughout.

    Widths are 1.3 times ProxylessNAS's 32, 16, 24, 40, 80, 96, 192, 320 and 1280, rounded to 8.
    """

    name: str = "proxylessnas"
    published: NetworkScale = NetworkScale(channels=40, repeats=1, stem_stride=2)
    resolutions: tuple[int, ...] = tuple(range(128, 225, 4))
    stages = (
        Stage(32, 2, "relu6"),
        Stage(56, 2, "relu6"),
        Stage(104, 2, "relu6"),
        Stage(128, 1, "relu6"),
        Stage(248, 2, "relu6"),
        Stage(416, 1, "relu6", depths=(1,)),
    )
    first_stage = Stage(24, 1, "relu6")
    stem_activation = "relu6"
    eps = 1e-3

    def head(self, plan: Plan, features: int, widths: Widths) -> int:
        """Append the convolution that mixes the features."""
        return plan.conv_bn(features, widths.scale(_LAST_WIDTH), 1, 1, "relu6", eps=self.eps)
