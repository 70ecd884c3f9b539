"""Settings of operations as text: which encoders, which sentences, how one of them is tuned."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import Field, model_validator

from nascast.sections import Count, Settings

EncoderName = Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
TextTable = Literal["snap_table1", "snap_table8"]
TABLES: Final[tuple[TextTable, ...]] = get_args(TextTable)
TUNED: Final = "minilm-tuned"
"""The encoder that is made of fine-tuned weights."""


class TuningSection(Settings):
    """How all-MiniLM-L6-v2 is fine-tuned on descriptions of operators."""

    loss: Literal["cosine", "triplet"] = Field(
        "cosine", description="squared error of the cosine similarity, or SNAP's Equation 1"
    )
    epochs: Count = Field(4, description="passes; each draws pairs of its own")
    pairs: Annotated[int, Field(ge=3)] = Field(1500, description="pairs or triplets of an epoch")
    batch_size: Count = Field(32, description="pairs of a step")
    lr: float = Field(5e-5, gt=0, description="highest learning rate of AdamW")
    warmup: float = Field(
        0.1, ge=0, le=1, description="share of the steps in which the learning rate rises"
    )
    weight_decay: float = Field(0.01, ge=0, description="of AdamW")
    clip: float = Field(1.0, gt=0, description="largest norm of the gradient")
    margin: float = Field(1.0, gt=0, description="margin of the triplet loss")


class TextSettings(Settings):
    """What `resources/operators.yaml` is turned into."""

    encoders: list[EncoderName] = Field(
        default=["minilm", "minilm64", TUNED, "one_hot", "random", "shuffled"],
        min_length=1,
        description="encoders of operations by name; `mpnet` needs its weights from the network",
    )
    lengths: list[Literal["short", "medium", "long"]] = Field(
        default=["short", "medium", "long"], min_length=1, description="which sentences"
    )
    seed: Annotated[int, Field(ge=0)] = Field(0, description="of the encoders without text")
    tuning: TuningSection = Field(default=TuningSection(), description="fine-tuning")
    tuning_seeds: Count = Field(
        3, description="fine-tunings of Table 8; the first one makes the encoder"
    )

    tables: list[TextTable] = Field(
        default=[], description="sentences of all operations, and similarities of operators"
    )

    @model_validator(mode="after")
    def _nothing_twice(self) -> TextSettings:
        for section in ("encoders", "lengths", "tables"):
            values = getattr(self, section)
            if len(set(values)) < len(values):
                raise ValueError(f"{section} names something twice: {values}")
        return self
