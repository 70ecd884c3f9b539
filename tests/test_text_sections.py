from __future__ import annotations

import dataclasses

import pytest
from pydantic import ValidationError

from nascast.config import validate
from nascast.tables import operators, similarity
from nascast.text import encoders
from nascast.text.descriptions import LENGTHS
from nascast.text.tuning import TuningSettings
from nascast.text_sections import TABLES, TUNED, TextSettings, TuningSection
from nascast.tiers import TIERS, mini


def test_a_fine_tuning_is_what_the_library_takes_with_its_defaults() -> None:
    values = TuningSection().model_dump()
    assert set(values) == {field.name for field in dataclasses.fields(TuningSettings)}
    assert TuningSettings(**values) == TuningSettings()


@pytest.mark.parametrize("tier", TIERS)
def test_every_encoder_of_a_tier_exists(tier: str) -> None:
    text = TIERS[tier]().text
    assert set(text.encoders) <= set(encoders.names())
    assert tuple(text.lengths) == LENGTHS == operators.LENGTHS


def test_shipped_encoders_need_no_network_but_in_the_paper_tier() -> None:
    defaults = TextSettings().encoders
    assert set(encoders.names()) - set(defaults) == {"mpnet"}
    assert encoders.create(TUNED).needs_weights
    assert "mpnet" in TIERS["paper"]().text.encoders


def test_a_tier_that_says_nothing_makes_no_tables() -> None:
    settings = mini().model_dump(exclude_none=True)
    del settings["text"]
    assert validate(settings).text == TextSettings()
    assert TextSettings().tables == []
    assert mini().text.tables == [operators.TABLE, similarity.TABLE] == list(TABLES)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"encoders": []}, "at least 1 item"),
        ({"encoders": ["minilm", "minilm"]}, "encoders names something twice"),
        ({"lengths": ["short", "short"]}, "lengths names something twice"),
        ({"tables": ["snap_table8", "snap_table8"]}, "tables names something twice"),
        ({"lengths": ["tiny"]}, "Input should be 'short', 'medium' or 'long'"),
        ({"tuning": {"loss": "contrastive"}}, "Input should be 'cosine' or 'triplet'"),
        ({"tuning": {"lr": 0}}, "greater than 0"),
        ({"encoder": "minilm"}, "Extra inputs are not permitted"),
    ],
)
def test_wrong_settings_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TextSettings.model_validate(values)
