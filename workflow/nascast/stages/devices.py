"""Which device a stage computes on."""

from __future__ import annotations

import torch

from nascast.errors import NascastError


class DeviceError(NascastError):
    """The device asked for is not there."""


def choose_device(wanted: str) -> torch.device:
    """Return the device for ``auto``, ``cpu`` or ``cuda``, and keep to one compute thread.

    One thread a job: the number of cores must change the speed of a run, never a number in it.

    Raises:
        DeviceError: CUDA is asked for and torch sees no such device.
    """
    torch.set_num_threads(1)
    if wanted == "cuda" and not torch.cuda.is_available():
        raise DeviceError(
            "device is 'cuda', but torch sees no CUDA device: install requirements-gpu.lock on a "
            "machine with a GPU, or set device to 'auto' or 'cpu'"
        )
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(wanted)
