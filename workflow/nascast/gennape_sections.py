"""Settings of GENNAPE: sets of computation graphs, and the encoders trained on them."""

from __future__ import annotations

from pydantic import Field, model_validator

from nascast.sections import Count, Name, Scale, Settings, check

FULL_SIZE = Scale(channels=128, repeats=3, stem_stride=1)


class GraphSet(Settings):
    """Networks of a space whose computation graphs are made, at the size that has the labels."""

    space: Name = Field(description="search space")
    networks: Count | None = Field(
        None, description="how many of a random order of the space; all of them if left out"
    )
    scale: Scale = Field(description="size of the networks")
    image_size: Count = Field(32, description="side of the images in pixels")
    uniform: bool = Field(
        True,
        description="whether every cell of NAS-Bench-101 is as likely as any other, which needs "
        "the list of all of them; otherwise they are drawn as in its paper's random search",
    )
    without: list[str] = Field(
        default=[], description="operations that no cell of the set may have"
    )


class GennapeEncoder(Settings):
    """An encoder: the graphs that it is trained on, without labels."""

    graphs: Name = Field(description="set of graphs that it is trained on")
    networks: Count | None = Field(
        None, description="how many graphs, from the start of the set; all of them if left out"
    )
    seeds: Count = Field(1, description="encoders, which differ in their seed")
    settings: dict[str, int | float] = Field(
        default={}, description="training settings that differ from the published ones"
    )


class GennapeSettings(Settings):
    """What GENNAPE is trained and tried on."""

    graphs: dict[Name, GraphSet] = Field(
        default={
            "nasbench101": GraphSet(space="nasbench101", networks=10_000, scale=FULL_SIZE),
            "nasbench201": GraphSet(
                space="nasbench201",
                scale=Scale(channels=16, repeats=5, stem_stride=1),
                without=["none"],
            ),
        },
        description="sets of graphs by name; a name that is none of them is a space whose first "
        "networks are described as labelled",
    )
    encoders: dict[Name, GennapeEncoder] = Field(
        default={"nasbench101": GennapeEncoder(graphs="nasbench101")},
        description="encoders by name",
    )

    @model_validator(mode="after")
    def _encoders_have_graphs(self) -> GennapeSettings:
        for name, encoder in self.encoders.items():
            check(encoder.graphs, self.graphs, f"encoders.{name}.graphs")
            most, wanted = self.graphs[encoder.graphs].networks, encoder.networks
            if most is not None and wanted is not None and wanted > most:
                raise ValueError(
                    f"encoders.{name}.networks {wanted} are more than the {most} of "
                    f"graphs.{encoder.graphs}"
                )
        return self
