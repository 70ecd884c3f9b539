# What each job reads, as functions of the settings.
from dataclasses import asdict

from nascast import text_sections


def live_tasks(experiment):
    """Return the tasks of an experiment that can be computed."""
    names = CONFIG.experiments[experiment].tasks
    return [name for name in names if not CONFIG.tasks[name].missing]


def space_of(experiment):
    """Return the one search space of an experiment."""
    return CONFIG.tasks[CONFIG.experiments[experiment].tasks[0]].space


def traced_images(experiment):
    """Return the image sets that an experiment traces, without repetition."""
    return sorted({CONFIG.tasks[name].images for name in live_tasks(experiment)})


def folds_of(experiment):
    """Return the numbers of the folds that an experiment runs."""
    chosen = CONFIG.experiments[experiment].run_folds
    return list(range(CONFIG.experiments[experiment].folds)) if chosen is None else chosen


def predictor_code(experiment, family):
    """Return the code of a family's predictors."""
    modules = sorted({registry.module_of(name) for name in FAMILIES[experiment][family]})
    return [module_code(name) for name in modules]


def image_file(images, settings):
    """Return the prepared image set that a trace protocol or a mini benchmark trains on."""
    return f"{RESULTS}/images/{images}-{settings.image_size}.safetensors"


def published_images(wildcards):
    """Return the fetched files of a published image set; made sets have none."""
    needs = {
        "cifar10": ["cifar10-images"],
        "cifar100": ["cifar100-images"],
        "svhn": ["svhn_train", "svhn_test"],
        "imagenet16-120": [
            *[f"imagenet16_train_{batch}" for batch in range(1, 11)],
            "imagenet16_val",
        ],
    }
    return [f"{RESULTS}/sources/{need}.json" for need in needs.get(wildcards.images, [])]


def training_images(wildcards):
    """Return the image set that a part of the mini benchmark is trained on."""
    benchmark = CONFIG.minibench[wildcards.space]
    images, task = benchmark.part(wildcards.part)
    return image_file(f"{images}-dense" if task in image_tasks.READS_DENSE else images, benchmark)


def training_settings(wildcards):
    """Return how a part of the mini benchmark is trained."""
    benchmark = CONFIG.minibench[wildcards.space]
    task = benchmark.part(wildcards.part)[1]
    seeds, recipe = benchmark.training(wildcards.part)
    return benchmark.model_dump(include={"space", "scale", "image_size"}) | {
        "seeds": seeds,
        "recipe": recipe.model_dump(),
        "task": task,
        "task_settings": benchmark.task_settings.get(task, {}),
    }


def task_settings(name):
    """Return the settings of a task, with the name that its labels carry as ``images``."""
    return CONFIG.tasks[name].model_dump() | {"label_images": CONFIG.tasks[name].label_name}


def shipped_shards(space, part):
    """Return the shards of a part of the shipped mini benchmark: an image set, or with a task."""
    folder = f"resources/minibench/{space}/{part}"
    shards = glob_wildcards(f"{folder}/shard={{shard}}.parquet").shard
    return [f"{folder}/shard={shard}.parquet" for shard in sorted(shards, key=int)]


def network_settings(name):
    """Return which networks of a family are described, and their size: as labelled, or published."""
    benchmark = CONFIG.minibench.get(name)
    if benchmark is not None:
        return benchmark.model_dump(include={"space", "networks", "scale", "image_size"})
    space = spaces.create(name)
    return {
        "space": space.name,
        "networks": sections.Sharded().networks,
        "scale": asdict(space.published),
        "image_size": space.published_image_size,
    }


def drawing_settings(wildcards):
    """Return the size of the network of a family that is drawn: small, whatever the tier."""
    benchmark = CONFIG.minibench.get(wildcards.space, sections.MiniBenchmark(images=[]))
    return benchmark.model_dump(include={"scale", "image_size"})


def family_labels(space):
    """Return the shipped labels that show a family's accuracy, and what they carry as ``images``.

    Plain classification comes first, and of its image sets scenes10, which most families share.
    """
    accuracies = ("classification", "class_object")
    benchmark = CONFIG.minibench.get(space)
    parts = benchmark.parts.items() if benchmark is not None else []
    for folder, (images, task) in sorted(
        (part for part in parts if part[1][1] in accuracies),
        key=lambda part: (accuracies.index(part[1][1]), part[1][0] != "scenes10"),
    ):
        if shards := shipped_shards(space, folder):
            return {"images": images if task == "classification" else task, "shards": shards}
    return {"images": "", "shards": []}


SHIPPED_PARTS = [
    (space, part)
    for space, benchmark in CONFIG.minibench.items()
    for part in benchmark.parts
    if shipped_shards(space, part)
]


def minibench_shards(wildcards):
    """Return all shards of the parts of the mini benchmark that a tier can rebuild."""
    return [path for space, part in SHIPPED_PARTS for path in shipped_shards(space, part)]


def label_sources(wildcards):
    """Return the files that the labels of a space are read from."""
    space = wildcards.space
    tasks = [task for task in CONFIG.tasks.values() if task.space == space]
    files, cells = [], []
    if any(task.labels == "real" for task in tasks):
        files.append(f"{RESULTS}/sources/{space}_labels.json")
        if space == "nasbench101":
            # Its public table names no cells: they are put back by their order and parameters.
            files.append(f"{RESULTS}/sources/{space}_params.json")
            cells.append(f"{RESULTS}/graphs/{space}-cells.parquet")
    if any(task.labels == "minibench" for task in tasks):
        for part in sorted({task.label_folder for task in tasks if task.labels == "minibench"}):
            files.extend(shipped_shards(space, part))
    return {"tables": files, "cells": cells}


def size_file(experiment):
    """Return the sizes of the networks of an experiment."""
    return (
        f"{RESULTS}/graphs/{space_of(experiment)}-{CONFIG.experiments[experiment].protocol}.parquet"
    )


def trace_folder(experiment, images):
    """Return the folder of the traces that an experiment reads of an image set."""
    protocol = CONFIG.experiments[experiment].protocol
    return f"{RESULTS}/traces/{space_of(experiment)}-{images}-{protocol}"


def trace_shards(folder, kind, protocol):
    """Return all shards of one kind (statistics or steps) of a trace."""
    shards = CONFIG.protocols[protocol].shards
    return [f"{folder}/{kind}/shard={shard}.parquet" for shard in shards]


def experiment_traces(experiment, kind):
    """Return all trace shards of every image set of an experiment."""
    protocol = CONFIG.experiments[experiment].protocol
    return [
        path
        for images in traced_images(experiment)
        for path in trace_shards(trace_folder(experiment, images), kind, protocol)
    ]


def family_inputs(wildcards):
    """Return what one job reads: labels, sizes, images, steps, summaries, the source's codes."""
    name, images = wildcards.experiment, CONFIG.tasks[wildcards.task].images
    protocol = CONFIG.protocols[CONFIG.experiments[name].protocol]
    files = {
        "labels": f"{RESULTS}/labels/{space_of(name)}.parquet",
        "sizes": size_file(name),
        "images": image_file(images, protocol),
        "steps": experiment_traces(name, "steps"),
        "summaries": [
            f"{trace_folder(name, traced)}/summary.parquet" for traced in traced_images(name)
        ],
    }
    if wildcards.family == "trace":
        files["codes"] = f"{RESULTS}/codes/{name}/{images}-fold={wildcards.fold}.parquet"
    return files


def experiment_predictions(experiment):
    """Return all predictions of an experiment."""
    return [
        f"{RESULTS}/predictions/{experiment}/{task}/{family}-fold={fold}.parquet"
        for task in live_tasks(experiment)
        for family in FAMILIES[experiment]
        for fold in folds_of(experiment)
    ]


def table_files(name):
    """Return every rendering of a table."""
    return [f"{RESULTS}/tables/{name}.{ending}" for ending in ("csv", "md", "tex", "html")]


def report_experiment(report):
    """Return the one experiment that a report's tables come from."""
    return CONFIG.experiment_tables[CONFIG.reports[report][0]].experiment


def report_inputs(wildcards):
    """Return tables, scores, predictions, and the traces that the figures show."""
    name, tables = report_experiment(wildcards.report), CONFIG.reports[wildcards.report]
    folder = trace_folder(name, CONFIG.tasks[live_tasks(name)[0]].images)
    return {
        "tables": [f"{RESULTS}/tables/{table}.csv" for table in tables],
        "fragments": [f"{RESULTS}/tables/{table}.html" for table in tables],
        "scores": f"{RESULTS}/scores/{name}.csv",
        "predictions": experiment_predictions(name),
        "labels": f"{RESULTS}/labels/{space_of(name)}.parquet",
        "sizes": size_file(name),
        "steps": trace_shards(folder, "steps", CONFIG.experiments[name].protocol),
        "statistics": f"{folder}/statistics/shard=0.parquet",
    }


def modules_code(predictors):
    """Return the code of some predictors."""
    return [module_code(name) for name in sorted({registry.module_of(p) for p in predictors})]


def estimators(predictors):
    """Return those predictors whose predictions are estimates of the label, not only a rank."""
    return [name for name in predictors if registry.get(name).estimates]


def grid_protocol(wildcards):
    """Return the trace protocol of a grid on traces; otherwise nothing."""
    name = CONFIG.grids[wildcards.grid].protocol
    return {} if name is None else CONFIG.protocols[name].model_dump()


# Sources of curves that labels do not have, by what a grid calls them.
CURVE_SOURCES = {"published": "curves", "epoch12": "epoch12"}


def grid_inputs(wildcards):
    """Return labels, and what else the grid names: curves, proxies, supernet scores, traces."""
    grid, task = CONFIG.grids[wildcards.grid], CONFIG.tasks[wildcards.task]
    files = {"labels": f"{RESULTS}/labels/{task.space}.parquet"}
    if grid.curves in CURVE_SOURCES:
        files["curves"] = f"{RESULTS}/sources/{task.space}_{CURVE_SOURCES[grid.curves]}.json"
    if grid.protocol is not None:
        name = f"{task.space}-{task.images}-{grid.protocol}"
        folder = f"resources/measured/{name}" if grid.shipped else f"{RESULTS}/traces/{name}"
        files["steps"] = trace_shards(folder, "steps", grid.protocol)
        files["sizes"] = (
            f"resources/measured/{task.space}-{grid.protocol}-sizes.parquet"
            if grid.shipped
            else f"{RESULTS}/graphs/{task.space}-{grid.protocol}.parquet"
        )
        files["images"] = image_file(task.images, CONFIG.protocols[grid.protocol])
    if grid.proxies is not None:
        files["proxies"] = proxy_shards(grid.proxies, [wildcards.task])
    if grid.supernets:
        files["supernets"] = supernet_files(task.images)
    return files


def grid_predictions(grid):
    """Return all predictions of a grid."""
    return [
        f"{RESULTS}/grids/{grid}/{task}/{group}-part={part}.parquet"
        for task in CONFIG.grids[grid].tasks
        if not CONFIG.tasks[task].missing
        for group in GROUPS[grid]
        for part in CONFIG.grids[grid].parts
    ]


def grid_scores(shown, what=""):
    """Return the scores of every grid that a table or figure shows, or their -seeds."""
    return [f"{RESULTS}/scores/grid-{name}{what}.csv" for name in shown.grids]


def grid_settings(shown):
    """Return what a table or figure tells of its grids, by their names."""
    told = {"tasks", "predictors", "train_sizes", "budgets", "test_networks", "sampling"}
    told |= {"settings", "changes", "curves", "protocol", "proxies", "supernets"}
    return {name: CONFIG.grids[name].model_dump(include=told) for name in shown.grids}


def measured_tasks(name):
    """Return the tasks on which proxies are measured, without those whose data is missing."""
    return [task for task in CONFIG.proxies[name].tasks if not CONFIG.tasks[task].missing]


def measured_images(wildcards):
    """Return the image set whose mini-batches the networks of a task are measured on."""
    task = CONFIG.tasks[wildcards.task]
    images = f"{task.images}-dense" if task.label_task in image_tasks.READS_DENSE else task.images
    return image_file(images, CONFIG.proxies[wildcards.proxies])


def proxy_settings(wildcards):
    """Return how proxies are measured on a task."""
    task = CONFIG.tasks[wildcards.task]
    chosen = {"scale", "batch_size", "seeds", "isomorphic", "literal", "proxies"}
    benchmark = CONFIG.minibench.get(task.space)
    further = {} if benchmark is None else benchmark.task_settings.get(task.label_task, {})
    return CONFIG.proxies[wildcards.proxies].model_dump(include=chosen) | {
        "space": task.space,
        "task": task.label_task,
        "task_settings": further,
    }


def proxy_code(name):
    """Return the code of the proxies that are measured together."""
    modules = sorted({proxies.module_of(proxy) for proxy in CONFIG.proxies[name].proxies})
    return [module_code(module) for module in modules]


def proxy_shards(name, tasks):
    """Return all shards of some tasks on which proxies are measured."""
    return [
        f"{RESULTS}/proxies/{name}/{task}/shard={shard}.parquet"
        for task in tasks
        for shard in CONFIG.measured_networks(name, task).shards
    ]


def proxy_scores(shown, what=""):
    """Return the scores of every set of proxies that a table or figure shows, or their -pairs."""
    return [f"{RESULTS}/scores/proxies-{name}{what}.csv" for name in shown.proxies]


def figure_files(name):
    """Return every form of a figure."""
    return [f"{RESULTS}/figures/{name}.{ending}" for ending in ("svg", "png")]


def published_paper(table):
    """Return the file of published values that a table of proxies is compared with."""
    plan = proxy_plans.PLANS.get(CONFIG.tables[table].layout)
    return "snap" if plan is None else plan.paper


def proxy_table_inputs(wildcards):
    """Return scores, and for searches what was measured on their task, and labels."""
    table = CONFIG.tables[wildcards.table]
    files = {"scores": proxy_scores(table), "measured": [], "labels": []}
    if table.layout == "snap_table3":
        stands_for = {name: task.stands_for for name, task in CONFIG.tasks.items()}
        for name in table.proxies:
            searched = proxy_plans.shown_by(
                proxy_plans.NASBENCH201[0], measured_tasks(name), stands_for
            )
            if searched is not None:
                files["measured"] += proxy_shards(name, [searched])
        if "nasbench201" in LABELLED:
            files["labels"].append(f"{RESULTS}/labels/nasbench201.parquet")
    return files
