"""What a search finds that takes the network a zero-cost proxy ranks first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nascast.proxies.te_nas import te_nas
from nascast.tables.searches import PROXIES, TRUTH

_FLOPS_A_MAC = 2.0


def proxy_searches(measured: pd.DataFrame, accuracies: Mapping[str, float]) -> pd.DataFrame:
    """Return one row a search: each method of :data:`~.searches.PROXIES`, once an initialisation.

    A score that is not finite ranks last; of equal ones the network that was measured first wins.
    A method whose proxies were not measured has no row. The last rows are the ground truth.

    Args:
        measured: ``PROXIES_SCHEMA`` of one task; a (network, initialisation, proxy) that stands
            there twice counts once.
        accuracies: of that task by ``arch_id``; networks without one are not searched.

    Returns:
        ``row``, ``seed``, ``arch_id``, ``spec``, ``macs``, ``params`` (from the proxies of that
        name, NaN without them), ``seconds`` of all networks' proxies, and ``n`` networks.
    """
    known = measured[measured["arch_id"].isin(list(accuracies))]
    known = known.drop_duplicates(["arch_id", "seed", "proxy"])
    sizes = {
        name: factor * known[known["proxy"] == name].groupby("arch_id")["value"].first()
        for name, factor in (("params", 1.0), ("flops", 1.0 / _FLOPS_A_MAC))
    }
    specs = known.drop_duplicates("arch_id").set_index("arch_id")["spec"]
    found = []
    for row, proxies in PROXIES.items():
        wanted = known[known["proxy"].isin(proxies)]
        for seed, rows in wanted.groupby("seed"):
            values = rows.pivot(index="arch_id", columns="proxy", values="value")
            values = values.reindex(index=rows["arch_id"].unique())
            if not set(proxies) <= set(values):
                continue
            scores = _scores([values[name].to_numpy(np.float64) for name in proxies])
            best = str(values.index[int(np.argmax(scores))])
            cost = float(rows["seconds"].sum())
            found.append((row, int(str(seed)), best, cost, len(values)))
    networks = [str(name) for name in known["arch_id"].unique()]
    if found:
        best = max(networks, key=lambda name: accuracies[name])
        found.append((TRUTH, 0, best, np.nan, len(networks)))
    frame = pd.DataFrame(found, columns=["row", "seed", "arch_id", "seconds", "n"])
    return frame.assign(
        spec=frame["arch_id"].map(specs),
        params=frame["arch_id"].map(sizes["params"]).astype("float64"),
        macs=frame["arch_id"].map(sizes["flops"]).astype("float64"),
    )


def _scores(values: list[np.ndarray]) -> np.ndarray:
    """Return what networks are ranked by: the proxy, or TE-NAS's score of its two."""
    scores = values[0] if len(values) == 1 else te_nas(*values)
    return np.where(np.isfinite(scores), scores, -np.inf)
