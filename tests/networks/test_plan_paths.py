from __future__ import annotations

from nascast.networks.plan import Plan
from nascast.networks.plan_paths import conv_count, mean_path_convs


def test_paths_are_counted_by_hand() -> None:
    plan = Plan()
    images = plan.input(4, 8)
    x = plan.conv(images, 4)
    # Three ways from x to the sum: directly, over one convolution, over two of them and a pool.
    y = plan.add(x, plan.conv(x, 4, 1), plan.max_pool(plan.conv(plan.conv(x, 4), 4)))
    plan.linear(plan.global_pool(plan.transposed_conv(y, 4, 4, 2, 1)), 3)
    assert conv_count(plan) == 5
    assert mean_path_convs(plan) == ((1 + 0 + 1) + (1 + 1 + 1) + (1 + 2 + 1)) / 3


def test_a_path_through_zeros_is_none() -> None:
    plan = Plan()
    x = plan.conv(plan.input(3, 8), 4)
    y = plan.add(plan.zero(x), plan.conv(x, 4))
    assert mean_path_convs(plan) == 2.0
    plan.zero(y)
    assert mean_path_convs(plan) == 0.0
    assert conv_count(plan) == 2


def test_deep_residual_networks_take_no_time() -> None:
    plan = Plan()
    x = plan.input(4, 8)
    for _ in range(200):
        x = plan.add(x, plan.conv(x, 4))
    assert mean_path_convs(plan) == 100.0
