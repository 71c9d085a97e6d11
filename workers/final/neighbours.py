"""k nearest neighbours: the classifier that learns nothing but its examples by heart.

Legend: N training images, M images to tell, D pixels of an image.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nas.errors import DataError
from workers.data.base import Images, Labels
from workers.final.pixels import Part, Pixels

KS = (1, 3, 5, 7, 9, 15, 25)
"""Which k are tried on the validation part."""
MOST_MACS = 2e13
"""N M D beyond which it is left out: minutes on one core."""


def neighbours(data: Pixels, ks: Sequence[int] = KS) -> tuple[int, Labels, float]:
    """The k of the fewest errors on validation (the smallest of equal ones), what it tells of the test part
    (M,), and its validation error.

    Distances are Euclidean between pixels, as in scikit-learn's KNeighborsClassifier; so are ties, which
    the lower class wins. It learns from the training part alone, as networks do.

    Raises:
        DataError: there are too many images for it.
    """
    train, asked = _flat(data.train.images), len(data.valid.labels) + len(data.test.labels)
    if (macs := float(train.size) * asked) > MOST_MACS:
        raise DataError(f"its distances take {macs:.1g} multiply-adds, more than {MOST_MACS:.0e}")
    usable = [k for k in ks if k <= len(train)]
    classes = int(data.train.labels.max()) + 1
    nearest = _nearest(train, data.train.labels, data.valid, max(usable))
    errors = [float(np.mean(_vote(nearest[:, :k], classes) != data.valid.labels)) for k in usable]
    best = int(np.argmin(errors))
    k = usable[best]
    told = _vote(_nearest(train, data.train.labels, data.test, k), classes)
    return k, told, errors[best]


def _flat(images: Images) -> NDArray[np.float32]:
    """(N, D) in [0, 1]."""
    flat: NDArray[np.float32] = images.reshape(len(images), -1).astype(np.float32) / np.float32(255)
    return flat


def _nearest(train: NDArray[np.float32], labels: Labels, part: Part, k: int) -> Labels:
    """(M, k) the classes of each image's neighbours, the nearest first."""
    from sklearn.neighbors import NearestNeighbors

    found = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(train)
    at: Labels = found.kneighbors(_flat(part.images), return_distance=False)
    return labels[at]


def _vote(nearest: Labels, classes: int) -> Labels:
    """(M,) the commonest class of each row."""
    rows = np.arange(len(nearest))[:, None]
    votes = np.bincount((rows * classes + nearest).ravel(), minlength=len(nearest) * classes)
    told: Labels = votes.reshape(-1, classes).argmax(1)
    return told
