"""Settings of weight-sharing supernets."""

from __future__ import annotations

from pydantic import Field, model_validator

from nascast.sections import Count, ImagesName, Scale, Settings


class SupernetRecipe(Settings):
    """How a supernet is trained, and how architectures that inherit its weights are scored.

    A mini-batch of OneShot trains every operation; one of RS-WS one in five, at less than half the
    cost, so RS-WS gets more epochs. Where both are to see as many images, set both to the same.
    """

    one_shot_epochs: Count = Field(1, description="passes over the training images of OneShot")
    rs_ws_epochs: Count = Field(4, description="passes over the training images of RS-WS")
    batch_size: Count = Field(64, description="images in a mini-batch")
    lr: float = Field(0.025, gt=0, description="learning rate at the start of the cosine schedule")
    final_lr: float = Field(0.001, ge=0, description="learning rate at its end")
    momentum: float = Field(0.9, ge=0, lt=1, description="momentum of SGD, not Nesterov's")
    weight_decay: float = Field(3e-4, ge=0, description="L2 penalty")
    clip: float = Field(5.0, gt=0, description="largest norm of the gradient")
    validation: Count = Field(
        1024, description="validation images that architectures are scored on, at most"
    )


class SupernetSettings(Settings):
    """Supernets of a search space: one for each image set, seed and way of training."""

    images: list[ImagesName] = Field(min_length=1, description="image sets")
    seeds: Count = Field(3, description="supernets of each way on an image set")
    scale: Scale = Field(default=Scale(), description="size of the supernets")
    image_size: Count = Field(16, description="side of the images in pixels")
    recipe: SupernetRecipe = Field(default=SupernetRecipe(), description="training recipe")
    networks: Count | None = Field(
        None,
        description="how many architectures of the pool are scored, from its start; if left out, "
        "those that the tier's mini benchmark labels",
    )

    @model_validator(mode="after")
    def _no_images_twice(self) -> SupernetSettings:
        if len(set(self.images)) < len(self.images):
            raise ValueError(f"images names something twice: {self.images}")
        return self
