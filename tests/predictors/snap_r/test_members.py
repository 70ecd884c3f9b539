"""Members that are no boosted trees."""

from __future__ import annotations

import numpy as np
import pytest

from nascast.predictors.snap_r.members import Forest, LinearRidge, Member, Network
from tests.predictors.snap_r.problem import COLUMNS, cells
