"""The tiers that ship: equal to their files, runnable settings, the budgets of the paper."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nascast.config import Config, load, schema, to_yaml
from nascast.predictors import registry
from nascast.predictors.trace_encoder import EncoderSettings, encoder_settings
from nascast.tiers import HEADINGS, TIERS, mini, paper, tabular

FOLDER = Path(__file__).parents[1] / "config"
every_tier = pytest.mark.parametrize("name", TIERS)


def experiments() -> list[tuple[str, str]]:
    return [(tier, name) for tier, make in TIERS.items() for name in make().experiments]


every_experiment = pytest.mark.parametrize(("tier", "name"), experiments())


@every_tier
def test_the_file_is_what_the_library_writes(name: str) -> None:
    text = to_yaml(TIERS[name](), HEADINGS[name])
    assert (FOLDER / f"{name}.yaml").read_text() == text
    assert load(FOLDER / f"{name}.yaml") == TIERS[name]()


def test_the_schema_is_what_the_library_writes() -> None:
    text = (FOLDER / "schema.json").read_text().rstrip("\n")
    assert text == json.dumps(schema(), indent=1)


@every_experiment
def test_every_predictor_exists_and_takes_its_settings(tier: str, name: str) -> None:
    experiment = TIERS[tier]().experiments[name]
    for predictor in experiment.predictors:
        registry.create(predictor, seed=0, settings=experiment.regressor, steps_per_epoch=10)
    assert isinstance(encoder_settings(experiment.encoder), EncoderSettings)


@every_experiment
def test_settings_are_called_what_they_are(tier: str, name: str) -> None:
    """Published settings are all of the published ones; the regressor is only trained less."""
    experiment = TIERS[tier]().experiments[name]
    changed = bool(experiment.encoder or experiment.regressor)
    assert (experiment.settings == "published") == (not changed)
    assert set(experiment.regressor) <= {"epochs", "patience", "prefixes"}


@every_experiment
def test_networks_suffice_for_the_folds(tier: str, name: str) -> None:
    """Training sets are drawn from the folds that are not tested, or take all that there is."""
    config = TIERS[tier]()
    experiment = config.experiments[name]
    networks = config.protocols[experiment.protocol].networks
    outside = networks - -(-networks // experiment.folds)
    assert tier == "config" or outside >= experiment.train_size


def test_budgets_are_the_papers_or_a_tenth_of_them() -> None:
    full = [100, 200, 300, 700, 1100, 1700, 2300]
    assert paper().experiments["nap2"].budgets == full
    assert paper().protocols["sgd"].interval == 100
    for config in (mini(), tabular()):
        assert config.experiments["nap2"].budgets == sorted({100, *(b // 10 for b in full)})
        assert config.protocols["sgd"].interval == 10


def test_the_paper_tier_builds_the_papers_networks() -> None:
    protocol = paper().protocols["sgd"]
    scale = protocol.scale
    assert (scale.channels, scale.repeats, scale.stem_stride) == (16, 5, 1)
    assert (protocol.batch_size, protocol.steps, protocol.image_size) == (256, 3100, 32)
    assert paper().comparable
    assert not mini().comparable
    assert not tabular().comparable


@every_tier
def test_each_table_of_the_paper_has_its_own_image_set(name: str) -> None:
    config: Config = TIERS[name]()
    tasks = [config.tables[f"nap2_table{number}"].task for number in (4, 5, 6)]
    assert len(set(tasks)) == 3
    stands_for = [config.tasks[str(task)].stands_for or task for task in tasks]
    images = ("cifar10", "cifar100", "imagenet16-120")
    assert stands_for == [f"nasbench201-{original}" for original in images]


def test_the_quick_start_is_small() -> None:
    config = mini()
    experiment = config.experiments["quickstart"]
    protocol = config.protocols[experiment.protocol]
    assert (protocol.networks, protocol.steps, len(experiment.tasks)) == (60, 40, 2)
    assert experiment.run_folds == [0]
    assert set(config.reports["report"]) == {n for n in config.tables if n.startswith("quickst")}
