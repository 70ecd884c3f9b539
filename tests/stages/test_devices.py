from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from nascast.errors import NascastError
from nascast.stages.devices import DeviceError, choose_device


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("wanted", "there", "chosen"),
    [("cpu", True, "cpu"), ("auto", False, "cpu"), ("auto", True, "cuda"), ("cuda", True, "cuda")],
)
def test_the_device_is_what_was_asked_for_and_is_there(
    wanted: str, there: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    torch.set_num_threads(3)
    assert choose_device(wanted) == torch.device(chosen)
    assert torch.get_num_threads() == 1


def test_a_missing_gpu_is_said_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match=r"requirements-gpu\.lock .* 'auto' or 'cpu'"):
        choose_device("cuda")
    assert issubclass(DeviceError, NascastError)
