"""The digits are those of scikit-learn, which is not loaded for them."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.conftest import ROOT
from workers.data import digits


@pytest.mark.parametrize("file", [digits.FILE, "moved"])
def test_they_are_what_scikit_learn_gives(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    monkeypatch.setattr(digits, "FILE", file)
    images, labels = digits._read()
    theirs = load_digits()
    assert np.array_equal(images, theirs.data)
    assert np.array_equal(labels, theirs.target)


def test_a_worker_need_not_wait_for_scikit_learn() -> None:
    code = (
        "import sys; from workers.data import load_data; load_data('digits'); print('sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
