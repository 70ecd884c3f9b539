# Names that every other file uses. Settings are checked here, once, before any job is planned. What
# goes wrong in an input function later is hidden wherever the file that it is for already exists.
import os
from importlib.util import find_spec
from pathlib import Path

from nascast import config as settings
from nascast import sections
from nascast.fingerprint import fingerprint
from nascast.graphs.encodings import registry as encodings
from nascast.predictors import registry
from nascast.proxies import registry as proxies
from nascast.spaces import registry as spaces
from nascast.stages import graph_scorers
from nascast.spaces.base import EnumerableSpace
from nascast.tables import proxies as proxy_plans
from nascast.tasks import registry as image_tasks

CONFIG = settings.validate(config)
RESULTS = f"results/{CONFIG.tier}"
LIBRARY = Path(settings.__file__).parents[1]
SCRIPTS = LIBRARY / "scripts"
CORE_ENV = "../../envs/core.yaml"
TORCH_ENV = "../../envs/torch-cpu.yaml"
# With `auto` a job asks for a GPU only where there is one: asking in vain would run one job at a time.
WANTS_GPU = CONFIG.device == "cuda" or (
    CONFIG.device == "auto" and Path(os.sep, "proc/driver/nvidia/version").exists()
)
DEVICE_ENV = "../../envs/torch-gpu.yaml" if WANTS_GPU else TORCH_ENV

# Jobs import the very library that is fingerprinted here, from a conda environment as well.
os.environ.update(PYTHONPATH=f"{LIBRARY}:{os.getenv('PYTHONPATH', '')}".rstrip(":"))


wildcard_constraints:
    space="[a-z0-9_]+",
    images="[a-z0-9_-]+",
    part="[a-z0-9_-]+",
    source="[a-z0-9_-]+",
    protocol="[a-z0-9_]+",
    proxies="[a-z0-9_]+",
    experiment="[a-z0-9_]+",
    task="[a-z0-9_]+-[a-z0-9_-]+",
    grid="[a-z0-9_]+",
    group="[a-z]+",
    search="[a-z0-9_]+",
    method="[a-z0-9-]+",
    graph_set="[a-z0-9_]+",
    graph_encoder="[a-z0-9_]+",
    seed=r"\d+",
    fold=r"\d+",
    shard=r"\d+",
    size=r"\d+",


def code(script, *modules):
    """Return the fingerprint of all code that a script runs, so that editing it reruns the rule."""
    return fingerprint(SCRIPTS / f"{script}.py", *modules)


def module_code(name):
    """Return what a module is fingerprinted by: its name in nascast, its file elsewhere."""
    return name if name.startswith("nascast.") else find_spec(name).origin


def space_code(space):
    """Return the code of a search space."""
    return module_code(spaces.module_of(space))


def task_code(task):
    """Return the code of what networks are trained for."""
    return module_code(image_tasks.module_of(task))


def one_of(names):
    """Return a wildcard's constraint to some names; of none, one that nothing fulfils.

    Snakemake takes an empty constraint for no constraint.
    """
    return "|".join(names) or "(?!)"


def library_file(path):
    """Return a data file of the library; relative, so that a moved checkout stays up to date."""
    return os.path.relpath(LIBRARY / "nascast" / path)


def by_family(predictors):
    """Return predictors by the job that evaluates them: those that read codes, the crude ones."""
    families = {"trace": [], "crude": []}
    for name in predictors:
        families[registry.job_family(name)].append(name)
    return {family: members for family, members in families.items() if members}


FAMILIES = {
    name: by_family(experiment.predictors) for name, experiment in CONFIG.experiments.items()
}
GROUPS = {name: registry.by_group(grid.predictors) for name, grid in CONFIG.grids.items()}
LABELLED = sorted({task.space for task in CONFIG.tasks.values() if not task.missing})
