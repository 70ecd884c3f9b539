# Names that every rule file uses. Settings are checked here, once, before any job runs.
from pathlib import Path

from nascast import config as settings
from nascast.fingerprint import fingerprint

CONFIG = settings.validate(config)
RESULTS = f"results/{CONFIG.tier}"
SCRIPTS = Path(settings.__file__).parents[1] / "scripts"


wildcard_constraints:
    space="[a-z0-9_]+",
    images="[a-z0-9_-]+",
    source="[a-z0-9_-]+",
    protocol="[a-z0-9_]+",
    experiment="[a-z0-9_]+",
    task="[a-z0-9_]+-[a-z0-9_-]+",
    fold=r"\d+",
    shard=r"\d+",
    size=r"\d+",


def code(script, *modules):
    """Return the fingerprint of all code that a script runs, so that editing it reruns the rule."""
    return fingerprint(SCRIPTS / f"{script}.py", *modules)


def traced_images(experiment):
    """Return the image sets that an experiment traces, without repetition."""
    tasks = (CONFIG.tasks[name] for name in CONFIG.experiments[experiment].tasks)
    return sorted({task.images for task in tasks if not task.missing})


def live_tasks(experiment):
    """Return the tasks of an experiment that can be computed."""
    names = CONFIG.experiments[experiment].tasks
    return [name for name in names if not CONFIG.tasks[name].missing]


def folds_of(experiment):
    """Return the numbers of the folds that an experiment runs."""
    chosen = CONFIG.experiments[experiment].run_folds
    return list(range(CONFIG.experiments[experiment].folds)) if chosen is None else chosen


def space_of(experiment):
    """Return the one search space of an experiment."""
    spaces = {CONFIG.tasks[name].space for name in CONFIG.experiments[experiment].tasks}
    if len(spaces) != 1:
        raise ValueError(f"experiment {experiment} mixes the spaces {sorted(spaces)}")
    return spaces.pop()


def trace_shards(kind):
    """Return an input function: all shards of one kind of a trace."""

    def files(wildcards):
        return expand(
            "{results}/traces/{space}-{images}-{protocol}/{kind}/shard={shard}.parquet",
            results=RESULTS,
            space=wildcards.space,
            images=wildcards.images,
            protocol=wildcards.protocol,
            kind=kind,
            shard=CONFIG.protocols[wildcards.protocol].shards,
        )

    return files


def table_files(name):
    """Return every rendering of a table."""
    return [f"{RESULTS}/tables/{name}.{ending}" for ending in ("csv", "md", "tex", "html")]


def family_members(experiment, family):
    """Return the predictors of one job: those that read codes (with torch), or the crude ones."""
    from nascast.predictors import registry

    wanted = "trace" if family == "trace" else "crude"
    members = CONFIG.experiments[experiment].predictors
    return [name for name in members if registry.job_family(name) == wanted]


def families_of(experiment):
    """Return the families of an experiment that have members."""
    return [name for name in ("trace", "crude") if family_members(experiment, name)]


def predictor_modules(experiment, family):
    """Return the modules of a family's predictors: their code decides its predictions."""
    from nascast.predictors import registry

    return sorted({registry.module_of(name) for name in family_members(experiment, family)})
