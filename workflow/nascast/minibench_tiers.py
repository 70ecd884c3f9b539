"""The mini benchmark of the mini tier: what is labelled, how, and the tasks that stand on it."""

from __future__ import annotations

from nascast.sections import MiniBenchmark, PartRecipe, Recipe, Task
from nascast.tasks.registry import TRANSNAS

# Image sets, and those of the papers whose place they take.
MINI_SETS = {"scenes10": "cifar10", "scenes50": "cifar100", "scenes50hard": "imagenet16-120"}
# Families that are labelled on scenes, and the image set of their papers.
FAMILIES = {
    "nasbench101": "cifar10",
    "darts": "cifar10",
    "hiaml": "cifar10",
    "two_path": "cifar10",
}
# TransNAS-Bench-101: its tasks by level.
ROOMS = {"micro": list(TRANSNAS), "macro": ["class_scene"]}
CLASSES = ("class_object", "class_scene", "jigsaw")
SCORE_NOTE = "Labels: the mini benchmark's exp(-test loss), mean over seeds."
METRIC_NOTE = "Labels: the mini benchmark's metric of the task, mean over seeds."

SHORT = Recipe(steps=144)
# On a few networks, seeds agreed more about these at a higher learning rate than the others'.
DIGITS = PartRecipe(seeds=3, recipe=Recipe(lr=0.1))
SCENE_RECIPE = PartRecipe(seeds=4, recipe=Recipe(steps=144, lr=0.1))
# Kernels of 3 to 7 pixels and resolutions of 128 to 224 differ in nothing on the others' 16 pixels,
# and these deep, thin networks need a lower learning rate and more steps.
ELASTIC = {"image_size": 32, "seeds": 2, "recipe": Recipe(steps=288, lr=0.02)}


def mini_benchmark() -> dict[str, MiniBenchmark]:
    """Return what is labelled, by search space."""
    scenes = ["scenes10"]
    return {
        "nasbench201": MiniBenchmark(
            images=[*MINI_SETS, "digits"],
            networks=250,
            part_recipes={"digits": DIGITS},
        ),
        "nasbench101": MiniBenchmark(space="nasbench101", images=scenes, networks=250, seeds=2),
        # Cells of 14 layers: dear to train.
        "darts": MiniBenchmark(
            space="darts", images=scenes, networks_per_shard=5, seeds=2, recipe=SHORT
        ),
        **{
            family: MiniBenchmark(space=family, images=scenes, recipe=SHORT)
            for family in ("hiaml", "two_path")
        },
        # The dearest step of all.
        "inception": MiniBenchmark(
            space="inception", images=scenes, networks_per_shard=5, seeds=2, recipe=Recipe(steps=96)
        ),
        **{
            family: MiniBenchmark(space=family, images=scenes, networks_per_shard=5, **ELASTIC)
            for family in ("ofa_resnet", "proxylessnas", "ofa_mbv3")
        },
        "transnas_micro": MiniBenchmark(
            space="transnas_micro",
            images=["rooms10"],
            networks=100,
            seeds=2,
            recipe=SHORT,
            tasks=list(TRANSNAS),
            part_recipes={"rooms10-class_scene": SCENE_RECIPE},
        ),
        "transnas_macro": MiniBenchmark(
            space="transnas_macro",
            images=["rooms10"],
            networks=60,
            seeds=SCENE_RECIPE.seeds,
            recipe=SCENE_RECIPE.recipe,
            tasks=["class_scene"],
        ),
    }


def mini_tasks() -> dict[str, Task]:
    """Return the tasks whose labels ship, those of NAS-Bench-201 first."""
    families = {
        f"nasbench201-{images}": (images, original) for images, original in MINI_SETS.items()
    }
    families |= {
        f"{family}-scenes10": ("scenes10", original) for family, original in FAMILIES.items()
    }
    classifications = {
        name: Task(
            space=name.removesuffix(f"-{images}"),
            images=images,
            labels="minibench",
            label_column="test_score",
            stands_for=f"{name.removesuffix(images)}{original}",
            note=SCORE_NOTE,
        )
        for name, (images, original) in families.items()
    }
    rooms = {
        f"transnas_{level}-{task}": Task(
            space=f"transnas_{level}",
            images="rooms10",
            labels="minibench",
            label_task=task,
            label_column="test_score" if task in CLASSES else "test_metric",
            stands_for=f"transnas_{level}-{task}",
            note=SCORE_NOTE if task in CLASSES else METRIC_NOTE,
        )
        for level, tasks in ROOMS.items()
        for task in tasks
    }
    return classifications | rooms
