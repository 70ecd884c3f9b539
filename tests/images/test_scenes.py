"""Made scenes: determinism, dense targets, and that colour alone does not give the class away."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from nascast.images.base import ImageSet, ImageSetError
from nascast.images.scenes import SCENES, make_scenes
from nascast.images.scenes_render import CLUTTER_SEGMENT, OBJECT_SEGMENT, SCENE_TYPES


@pytest.fixture(scope="module")
def scenes() -> ImageSet:
    return make_scenes("scenes10", train=1500, validation=100, test=400, dense=True)


def test_same_seed_same_images_and_larger_sets_begin_with_smaller_ones(scenes: ImageSet) -> None:
    small = make_scenes("scenes10", train=40, validation=3, test=10)
    assert torch.equal(small.fit_images, scenes.fit_images[:40])
    assert torch.equal(small.validation_images, scenes.validation_images[:3])
    assert torch.equal(small.test_images, scenes.test_images[:10])
    assert torch.equal(small.fit_labels, scenes.fit_labels[:40])


@pytest.mark.parametrize(
    ("name", "labels", "pixels", "mean"),
    [
        (
            "scenes10",
            [9, 6, 0, 6, 1, 7, 6, 3],
            [[67, 76, 22], [221, 113, 115], [198, 221, 188], [175, 45, 205]],
            67.447,
        ),
        (
            "scenes50",
            [30, 0, 1, 2, 2, 18, 11, 14],
            [[96, 36, 42], [255, 228, 171], [56, 105, 60], [35, 58, 30]],
            68.05,
        ),
        (
            "scenes50hard",
            [5, 23, 21, 15, 10, 6, 18, 39],
            [[242, 122, 221], [255, 128, 255], [74, 0, 0], [52, 111, 75]],
            69.91,
        ),
    ],
)
def test_sets_are_those_that_the_shipped_labels_were_trained_on(
    name: str, labels: list[int], pixels: list[list[int]], mean: float
) -> None:
    """A change here means other images: every shipped label would have to be trained again."""
    images = make_scenes(name, train=1024, validation=1, test=1)
    assert images.fit_labels[:8].tolist() == labels
    found = images.fit_images[:4, :, 8, 8].int()
    # Vector units round sines differently in the last bit: one grey level at most.
    assert (found - torch.tensor(pixels)).abs().max() <= 1
    assert float(images.fit_images.float().mean()) == pytest.approx(mean, abs=0.01)


def test_seeds_and_parts_differ(scenes: ImageSet) -> None:
    other = make_scenes("scenes10", train=40, validation=3, test=40, seed=1)
    assert not torch.equal(other.fit_images, scenes.fit_images[:40])
    assert not torch.equal(other.fit_images[:40], other.test_images[:40])


@pytest.mark.parametrize(("name", "classes"), [("scenes10", 10), ("scenes50", 50)])
def test_every_class_occurs_about_evenly(name: str, classes: int) -> None:
    labels = make_scenes(name, size=8, train=5000, validation=1, test=1).fit_labels
    counts = torch.bincount(labels, minlength=classes).double()
    chi_square = float(((counts - 5000 / classes) ** 2 / (5000 / classes)).sum())
    assert len(counts) == classes
    assert chi_square < classes + 5 * (2 * classes) ** 0.5


def test_dense_targets_have_the_declared_shapes_and_ranges(scenes: ImageSet) -> None:
    extra = scenes.extra
    assert extra["train_segmentation"].shape == (1600, 16, 16)
    assert extra["train_normals"].shape == (1600, 3, 16, 16)
    assert extra["test_layout"].shape == (400, 6)
    assert int(extra["train_segmentation"].max()) <= CLUTTER_SEGMENT
    assert set(extra["train_scene"].tolist()) == set(range(len(SCENE_TYPES)))
    lengths = extra["train_normals"].float().norm(dim=1)
    assert torch.allclose(lengths, torch.ones_like(lengths), atol=2e-3)


def test_dense_targets_do_not_change_the_images(scenes: ImageSet) -> None:
    plain = make_scenes("scenes10", train=20, validation=1, test=1)
    assert plain.extra == {}
    assert torch.equal(plain.fit_images, scenes.fit_images[:20])


def test_segmentation_shows_the_labelled_shape_and_no_other(scenes: ImageSet) -> None:
    segments = scenes.extra["train_segmentation"].flatten(1)
    labels = scenes.train_labels[:, None]
    objects = (segments >= OBJECT_SEGMENT) & (segments < CLUTTER_SEGMENT)
    assert (objects.sum(dim=1) >= 3).float().mean() > 0.99
    assert (segments[objects] == (labels + OBJECT_SEGMENT).expand_as(segments)[objects]).all()


def test_the_object_is_brighter_than_its_scene(scenes: ImageSet) -> None:
    segments = scenes.extra["train_segmentation"]
    brightness = scenes.train_images.float().mean(dim=1)
    objects = (segments >= OBJECT_SEGMENT) & (segments < CLUTTER_SEGMENT)
    behind = segments < OBJECT_SEGMENT
    inside = torch.stack([b[m].mean() for b, m in zip(brightness, objects, strict=True)])
    outside = torch.stack([b[m].mean() for b, m in zip(brightness, behind, strict=True)])
    assert (inside > outside).float().nanmean() > 0.95


def test_layout_matches_the_walls(scenes: ImageSet) -> None:
    """Where neither object nor clutter stands, the segment follows from the layout's corners."""
    layout = scenes.extra["train_layout"].numpy()
    segments = scenes.extra["train_segmentation"].numpy()
    rooms = np.flatnonzero(scenes.extra["train_scene"].numpy() == SCENE_TYPES.index("room"))
    centre = (np.arange(16) + 0.5) / 8 - 1
    checked = 0
    for image in rooms[:50]:
        left, top, right, bottom = layout[image, :4]
        columns = np.flatnonzero((centre > left + 0.15) & (centre < right - 0.15))
        rows = np.flatnonzero((centre > top + 0.15) & (centre < bottom - 0.15))
        wall = segments[image][np.ix_(rows, columns)]
        wall = wall[wall < OBJECT_SEGMENT]
        assert (wall == 0).all()
        checked += wall.size
    assert checked > 100


def test_colour_statistics_do_not_decide_the_class() -> None:
    """Twelve colour statistics an image, which ignore where pixels are, stay far from the class."""
    images = make_scenes("scenes10", train=3000, validation=1, test=1000)

    def statistics(pixels: torch.Tensor) -> np.ndarray:
        values = pixels.float().flatten(2)
        parts = [values.mean(2), values.std(2), values.amax(2), values.amin(2)]
        return torch.cat(parts, dim=1).numpy() / 255

    model = LogisticRegression(max_iter=500)
    model.fit(statistics(images.fit_images), images.fit_labels)
    assert model.score(statistics(images.test_images), images.test_labels) < 0.3


def test_the_hard_set_has_its_own_images() -> None:
    easy = make_scenes("scenes50", train=8, validation=1, test=1)
    hard = make_scenes("scenes50hard", train=8, validation=1, test=1)
    assert easy.num_classes == hard.num_classes == 50
    assert not torch.equal(easy.fit_images, hard.fit_images)
    assert SCENES["scenes50hard"].occluders > SCENES["scenes50"].occluders


def test_rooms_leave_the_room_to_be_seen() -> None:
    """Shares of pixels that show the room itself, not an object or clutter."""
    shares = {}
    for name in ("scenes10", "rooms10"):
        made = make_scenes(name, train=200, validation=1, test=1, dense=True)
        shares[name] = float((made.extra["train_segmentation"] < 5).double().mean())
    assert shares["rooms10"] > 0.9 > 0.8 > shares["scenes10"]


def test_images_of_any_size_of_at_least_four() -> None:
    assert make_scenes("scenes10", size=32, train=4, validation=1, test=1).size == (32, 32)
    with pytest.raises(ImageSetError, match="at least 4 pixels a side, got 3"):
        make_scenes("scenes10", size=3)


def test_unknown_names_and_empty_parts_are_refused() -> None:
    with pytest.raises(ImageSetError, match="unknown scenes 'scenes9'; there are scenes10"):
        make_scenes("scenes9")
    with pytest.raises(ImageSetError, match="test part needs at least one image, got 0"):
        make_scenes("scenes10", test=0)
