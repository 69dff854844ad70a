"""Labels of four annotators, for the task of alpha."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def labels(*, n_units: int = 12_000, n_annotators: int = 4, n_labels: int = 5) -> npt.NDArray[np.int64]:
    """One of five labels for each unit (column) by each annotator (row), of whom seven in ten see the true one."""
    rng = np.random.default_rng(20160905)
    true = rng.choice(n_labels, n_units, p=[0.4, 0.25, 0.15, 0.12, 0.08])
    seen = rng.random((n_annotators, n_units)) < 0.7
    return np.where(seen, true, rng.integers(0, n_labels, (n_annotators, n_units)))
