"""The three tiers that ship. ``config/*.yaml`` and ``config/schema.json`` are written from here.

A tier is only configuration: nothing in the library or the workflow asks which one is running.
"""

from __future__ import annotations

from nascast.config import Config
from nascast.gennape_tiers import mini_gennape, published_gennape
from nascast.minibench_tiers import MINI_SETS, mini_benchmark, mini_tasks
from nascast.proxy_tiers import SUITE_ZERO, ZERO_COST, full_size, proxy_figures, proxy_tables
from nascast.search_tiers import mini_searches, tabular_searches
from nascast.sections import (
    Experiment,
    ProxySettings,
    Scale,
    Task,
    TraceSettings,
)
from nascast.snap_r_tiers import tabular_snap_r
from nascast.snap_tiers import mini_studies, tabular_studies
from nascast.supernet_sections import SupernetSettings
from nascast.table_sections import Table
from nascast.text_sections import TABLES, TextSettings
from nascast.white_tiers import (
    CHEAP_MODELS,
    TRACED,
    cost_table,
    curve_tables,
    grid_figures,
    grid_tables,
    mini_grids,
    mutation_tables,
    tabular_grids,
    traced_proxies,
)
from nascast.white_tiers import PROXIES as WHITE_PROXIES

NAP2_METHODS = [
    "NAP2",
    "NAP2-X",
    "Forest (trace averages)",
    "Forest (losses only)",
    "SoTL",
    "SoTL-E",
    "Early Stop (acc)",
    "Early Stop (loss)",
    "params",
    "MACs",
    "effective params",
    "convolutions",
    "convs per path",
]
TRANSFERRED = ["NAP2", "NAP2-X", "Forest (trace averages)"]
SHRUNKEN_BUDGETS = [10, 20, 30, 70, 100, 110, 170, 230]
FULL_BUDGETS = [100, 200, 300, 700, 1100, 1700, 2300]
# What a narrower auto-encoder costs in rank correlation: tables nap2_width_* of the tabular tier.
NARROW = {
    "layer_width": 128,
    "depth_width": 128,
    "epochs": 20,
    "patience": 6,
    "batch_size": 64,
    "warmup": 3,
    "decay_every": 8,
}
# Equal but for the width, and as long as the wide one can be trained in a quarter of an hour.
WIDTHS = {
    "narrow": {"layer_width": 128, "depth_width": 128},
    "published": {"layer_width": 512, "depth_width": 256},
}
SHORT_ENCODER = {"epochs": 8, "patience": 6, "batch_size": 64, "warmup": 1, "decay_every": 4}
_TITLE = "NAP2, Table {number}: Kendall tau on NAS-Bench-201 by query budget, {images}"

HEADINGS = {
    "config": (
        "The mini tier: our own mini benchmark, made images, shrunken networks; runs anywhere.\n"
        "Written by `nascast config write`; change it freely, `nascast config check` reads it."
    ),
    "tabular": (
        "The tabular tier: real 200-epoch accuracies, real CIFAR images, shrunken networks.\n"
        "Use with --configfile config/tabular.yaml, behind the targets.\n"
        "Written by `nascast config write`."
    ),
    "paper": (
        "The paper tier: full-size networks and the paper's protocol; needs GPUs.\n"
        "Use with --configfile config/paper.yaml, behind the targets.\n"
        "Written by `nascast config write`."
    ),
}


def mini() -> Config:
    """Return the default tier."""
    tasks = mini_tasks()
    every = [f"nasbench201-{images}" for images in MINI_SETS]
    return Config(
        tier="mini",
        gennape=mini_gennape(),
        protocols={
            "sgd": TraceSettings(networks=120, networks_per_shard=20),
            "quick": TraceSettings(networks=60, networks_per_shard=15, steps=40),
        },
        minibench=mini_benchmark(),
        tasks=tasks,
        proxies={
            "zero_cost": ProxySettings(
                networks=60, networks_per_shard=60, proxies=ZERO_COST, tasks=list(tasks)
            ),
            # Six cheap ones, of every labelled cell.
            "white": ProxySettings(
                networks=250, networks_per_shard=250, proxies=WHITE_PROXIES, tasks=every
            ),
        },
        supernets={"nasbench201": SupernetSettings(images=list(MINI_SETS), seeds=1)},
        text=TextSettings(tuning_seeds=1, tables=[*TABLES]),
        grids=mini_grids(every),
        searches=mini_searches(every),
        snap=mini_studies(list(tasks)),
        experiments={
            "quickstart": Experiment(
                protocol="quick",
                tasks=every[:2],
                budgets=[10, 20, 30, 40],
                run_folds=[0],
                seeds=1,
                predictors=NAP2_METHODS,
                transfer=TRANSFERRED,
                settings="quick",
                encoder=NARROW | {"epochs": 15},
                regressor={"epochs": 40, "prefixes": 1},
            ),
            "nap2": Experiment(
                protocol="sgd",
                tasks=every,
                budgets=SHRUNKEN_BUDGETS,
                run_folds=[0, 1],
                seeds=1,
                predictors=NAP2_METHODS,
                transfer=TRANSFERRED,
                settings="quick",
                encoder=NARROW | {"epochs": 15},
                regressor={"epochs": 40, "prefixes": 1},
            ),
        },
        tables={
            **_tables("nap2", every, tuple(MINI_SETS), show=[10, 100, 230]),
            **{
                f"quickstart_{images}": Table(
                    experiment="quickstart",
                    task=f"nasbench201-{images}",
                    title=f"Quick start: Kendall tau by query budget, {images}",
                )
                for images in list(MINI_SETS)[:2]
            },
            "quickstart_transfer": Table(
                experiment="quickstart",
                layout="transfer",
                show=[40],
                title="Quick start: transfer between image sets",
            ),
            **proxy_tables(["zero_cost"]),
            **grid_tables(["white"], [(24, 2), (24, 9), (100, 2), (100, 9)]),
            **cost_table(["white"], [(100, 9)]),
        },
        figures=proxy_figures(["zero_cost"]) | grid_figures(["white"]),
        reports={
            "report": ["quickstart_scenes10", "quickstart_scenes50", "quickstart_transfer"],
            "full_report": ["nap2_table4", "nap2_table5", "nap2_table6", "nap2_transfer"],
        },
    )


def tabular() -> Config:
    """Return the tier on real labels and real images with shrunken networks."""
    labels = "Labels: 200-epoch test accuracy of NAS-Bench-201, mean over seeds."
    tasks = {
        f"nasbench201-{images}": Task(images=images, labels="real", note=labels)
        for images in ("cifar10", "cifar100")
    }
    tasks["nasbench201-imagenet16-120"] = Task(
        images="cifar100",
        labels="real",
        label_images="imagenet16-120",
        substitute="traces of CIFAR-100",
        note=f"{labels} ImageNet16-120 has labels but no images here: traces are CIFAR-100's.",
    )
    tasks_101 = {
        "nasbench101-cifar10": Task(
            space="nasbench101",
            images="cifar10",
            labels="real",
            note="Labels: 108-epoch test accuracy of NAS-Bench-101, mean over three runs.",
        )
    }
    return Config(
        tier="tabular",
        protocols={"sgd": TraceSettings(networks=416, networks_per_shard=16)},
        tasks=tasks | tasks_101,
        text=TextSettings(tables=[*TABLES]),
        proxies={
            "suite_zero": full_size(SUITE_ZERO, list(tasks)[:2]),
            TRACED: traced_proxies(416),
        },
        grids=tabular_grids(),
        searches=tabular_searches(list(tasks)),
        snap=tabular_studies(list(tasks)),
        snap_r={"nasbench101": tabular_snap_r()},
        experiments={
            "nap2": Experiment(
                protocol="sgd",
                tasks=list(tasks),
                budgets=SHRUNKEN_BUDGETS,
                predictors=NAP2_METHODS,
                transfer=TRANSFERRED,
                seeds=1,
                settings="narrow",
                encoder=NARROW,
                regressor={"epochs": 60, "prefixes": 1},
            ),
            **{
                f"width_{width}": Experiment(
                    protocol="sgd",
                    tasks=["nasbench201-cifar10"],
                    budgets=SHRUNKEN_BUDGETS,
                    run_folds=[0],
                    predictors=["NAP2"],
                    seeds=3,
                    settings="narrow" if width == "narrow" else "quick",
                    encoder=SHORT_ENCODER | channels,
                    regressor={"epochs": 60, "prefixes": 1},
                )
                for width, channels in WIDTHS.items()
            },
        },
        tables=_tables(
            "nap2",
            list(tasks),
            ("CIFAR-10", "CIFAR-100", "ImageNet16-120"),
            show=[10, 100, 230],
        )
        | {
            f"nap2_width_{width}": Table(
                experiment=f"width_{width}",
                task="nasbench201-cifar10",
                title=f"NAP2 with {width} auto-encoders, Kendall tau by query budget, CIFAR-10",
            )
            for width in WIDTHS
        }
        | proxy_tables(["suite_zero"], comparable=True)
        | grid_tables(
            ["white_models", "white_models_slow", "white_models_rest", "white_models_rest_slow"],
            [(24, 0), (100, 0), (1000, 0)],
        )
        | cost_table(["white_best"], [(100, 0), (1000, 0)], CHEAP_MODELS)
        | curve_tables()
        | mutation_tables(["white_mutations", "white_mutations_slow"], [(24, 0), (100, 0)]),
        figures=proxy_figures(["suite_zero"]) | grid_figures(["white_models", "white_models_slow"]),
        reports={"report": ["nap2_table4", "nap2_table5", "nap2_table6", "nap2_transfer"]},
    )


def paper() -> Config:
    """Return the tier of the paper's own protocol."""
    full = TraceSettings(
        networks=600,
        networks_per_shard=20,
        scale=Scale(channels=16, repeats=5, stem_stride=1),
        image_size=32,
        steps=3100,
        interval=100,
        batch_size=256,
        validation_images=5000,
    )
    note = "Labels: 200-epoch test accuracy of NAS-Bench-201, mean over seeds."
    tasks = {
        f"nasbench201-{images}": Task(images=images, labels="real", note=note)
        for images in ("cifar10", "cifar100")
    }
    tasks["nasbench201-imagenet16-120"] = Task(labels="missing: the ImageNet16-120 images")
    return Config(
        tier="paper",
        gennape=published_gennape(),
        device="cuda",
        comparable=True,
        protocols={"sgd": full},
        tasks=tasks,
        proxies={"suite_zero": full_size(ZERO_COST, list(tasks))},
        text=TextSettings(encoders=["mpnet", *TextSettings().encoders], tables=[*TABLES]),
        experiments={
            "nap2": Experiment(
                protocol="sgd",
                tasks=list(tasks),
                budgets=FULL_BUDGETS,
                predictors=NAP2_METHODS,
                transfer=TRANSFERRED,
            )
        },
        tables=_tables(
            "nap2",
            list(tasks),
            ("CIFAR-10", "CIFAR-100", "ImageNet16-120"),
            show=[100, 700, 2300],
        )
        | proxy_tables(["suite_zero"], comparable=True),
        figures=proxy_figures(["suite_zero"]),
        reports={"report": ["nap2_table4", "nap2_table5", "nap2_table6", "nap2_transfer"]},
    )


TIERS = {"config": mini, "tabular": tabular, "paper": paper}


def _tables(
    experiment: str, tasks: list[str], names: tuple[str, ...], show: list[int]
) -> dict[str, Table]:
    numbered = {
        f"nap2_table{number}": Table(
            experiment=experiment, task=task, title=_TITLE.format(number=number, images=name)
        )
        for number, task, name in zip((4, 5, 6), tasks, names, strict=True)
    }
    transfer = Table(
        experiment=experiment,
        layout="transfer",
        show=show,
        title="NAP2: transfer over all ordered pairs, nothing of the target used",
    )
    return {**numbered, "nap2_transfer": transfer}
