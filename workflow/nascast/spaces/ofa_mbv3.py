"""MobileNetV3 as a once-for-all family: squeeze-and-excite, hard swish, the depth searched.

Sources: Howard et al. 2019, "Searching for MobileNetV3", section 5 and table 1 (stages); Cai et
al. 2020, "Once-for-All", section 3.2, and the released supernet ``ofa_mbv3_d234_e346_k357_w1.2``
(widths, choices, batch norms), which is the family OFA-MBv3 of Mills et al. 2021 and of GENNAPE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nascast.spaces.base import NetworkScale
from nascast.spaces.mobile_blocks import MobileSpace, Stage

if TYPE_CHECKING:
    from nascast.networks.plan import Plan
    from nascast.networks.widths import Widths

# In front of the global pool and behind it.
_EXPANDED_WIDTH = 1152
_MIXED_WIDTH = 1536


class OFAMobileNetV3(MobileSpace):
    """Five stages of 2 to 4 blocks; gates in the second, fourth and fifth.

    Widths are 1.2 times MobileNetV3-Large's 16, 16, 24, 40, 80, 112, 160, 960 and 1280, rounded
    to 8. This width is published for resolutions from 160.
    """

    name: str = "ofa_mbv3"
    published: NetworkScale = NetworkScale(channels=24, repeats=1, stem_stride=2)
    resolutions: tuple[int, ...] = tuple(range(160, 225, 4))
    stages = (
        Stage(32, 2, "relu"),
        Stage(48, 2, "relu", gated=True),
        Stage(96, 2, "hard_swish"),
        Stage(136, 1, "hard_swish", gated=True),
        Stage(192, 2, "hard_swish", gated=True),
    )
    first_stage = Stage(24, 1, "relu")
    stem_activation = "hard_swish"
    eps = 1e-5

    def head(self, plan: Plan, features: int, widths: Widths) -> int:
        """Append the final expansion."""
        width = widths.scale(_EXPANDED_WIDTH)
        return plan.conv_bn(features, width, 1, 1, "hard_swish", eps=self.eps)

    def classifier(self, plan: Plan, features: int, num_classes: int) -> int:
        """Append global pool, hidden layer without bias, hard swish and linear layer.

        The hidden layer is 4/3 times as wide as the features, at every scale.
        """
        width = plan.channels(features) * _MIXED_WIDTH // _EXPANDED_WIDTH
        mixed = plan.linear(plan.global_pool(features), width, bias=False)
        return plan.linear(plan.activate(mixed, "hard_swish"), num_classes)
