"""What a study's networks told after each epoch, in columns: for 100,000 networks in a second."""

from dataclasses import dataclass

import numpy as np

from nas.service.results import Results
from nas.service.views.columns import Array, Floats
from nas.store import Store


@dataclass(frozen=True)
class Curves:
    """The curves of a study's networks: an entry an epoch of each, by network and epoch."""

    places: Array
    """Of the networks among the results."""
    epochs: Array
    values: Floats
    """Of the latest attempt; NaN where it told none."""
    ends: Array
    """(networks,): the last epoch of each; 0 of one without a curve."""

    @property
    def early(self) -> list[int]:
        """Epochs after which some network was trained longer."""
        return [int(epoch) for epoch in np.unique(self.epochs[self.epochs < self.ends[self.places]])]

    @property
    def flat(self) -> bool:
        """Whether each network has one value in all its epochs."""
        before, after = self.values[:-1], self.values[1:]
        alike = (before == after) | (np.isnan(before) & np.isnan(after))
        return bool(np.all(alike | (self.places[1:] != self.places[:-1])))

    def after(self, epoch: int) -> Floats:
        """(networks,): the values after an epoch of those that were trained longer, else NaN."""
        told = np.full(len(self.ends), np.nan)
        wanted = (self.epochs == epoch) & (self.ends[self.places] > epoch)
        told[self.places[wanted]] = self.values[wanted]
        return told


def curves_of(store: Store, found: Results) -> Curves:
    """The curves of the networks that results are of, each that of its first trial."""
    row, metric = found.study, found.aim.metric
    own = row.spec.objectives[0].metric == metric
    told = store.epoch_columns(row.id, None if own else metric)
    numbers, epochs = (np.array(column, dtype=np.int64) for column in told[:2])
    values = np.array(told[2], dtype=np.float64)
    place_of = np.full(max([0, *found.numbers, *numbers[-1:]]) + 1, -1)
    place_of[found.numbers] = np.arange(len(found.numbers))
    places = place_of[numbers]
    keys = places * (1 + epochs.max(initial=0)) + epochs
    order = np.argsort(keys, kind="stable")
    last = np.diff(keys[order], append=-1) != 0
    kept = order[last & (places[order] >= 0)]
    ends = np.zeros(len(found.numbers), dtype=np.int64)
    np.maximum.at(ends, places[kept], epochs[kept])
    return Curves(places[kept], epochs[kept], values[kept], ends)
