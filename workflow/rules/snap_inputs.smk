# What each job of SNAP's studies reads, as functions of the settings.


def snap_spaces(study):
    """Return the spaces of a study, that of its source first, without those without labels."""
    return list(dict.fromkeys(CONFIG.tasks[task].space for task in snap_tasks(study)))


def snap_targets(study):
    """Return the tasks that a study ranks, without those whose data is missing."""
    return [task for task in CONFIG.snap[study].tasks if not CONFIG.tasks[task].missing]


def snap_tasks(study):
    """Return the source of a study and its targets."""
    return [CONFIG.snap[study].source, *snap_targets(study)]


def listed_at_once(space):
    """Return whether all graphs of a space are listed, so that no labels have to say which."""
    return space == "nasbench101" or isinstance(spaces.create(space), EnumerableSpace)


def snap_inputs(wildcards):
    """Return the graphs and labels of a run's spaces, the operations' vectors, a shipped model."""
    study = CONFIG.snap[wildcards.study]
    files = {"text": f"{RESULTS}/text/{study.text(wildcards.recipe)}.parquet"}
    for space in snap_spaces(wildcards.study):
        files[f"graphs_{space}"] = f"{RESULTS}/operators/{space}.parquet"
        files[f"labels_{space}"] = f"{RESULTS}/labels/{space}.parquet"
    shipped = study.recipes[wildcards.recipe].checkpoint
    if shipped is not None:
        files["shipped"] = f"resources/models/{shipped}-seed={wildcards.seed}.safetensors"
    return files


def snap_runs(study):
    """Return what all runs of a study write, recipe by recipe."""
    return [
        f"{RESULTS}/snap/{study}/{recipe}-seed={seed}.parquet"
        for recipe in CONFIG.snap[study].recipes
        for seed in range(CONFIG.snap[study].seeds)
    ]
