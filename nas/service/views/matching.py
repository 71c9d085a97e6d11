"""Which trials meet conditions, in their order: kept while their study does not change, for the next page."""

import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from nas.service.listing import TrialsAsked
from nas.store import Store
from nas.store.rows import StudyRow

KEPT = 16
"""Lists of a store, those asked for last: of 100,000 trials each has 400 kB."""

_lock = threading.Lock()
_known: WeakKeyDictionary[Store, "OrderedDict[object, array[int]]"] = WeakKeyDictionary()


def matching(store: Store, row: StudyRow, asked: TrialsAsked) -> Sequence[int]:
    """The numbers of all trials that are asked for, in the order asked for."""
    key = (row.id, row.revision, repr(asked))  # as text: a vector that is asked for is a list
    with _lock:
        lists = _known.setdefault(store, OrderedDict())
        if key in lists:
            lists.move_to_end(key)
            return lists[key]
    found = array("i", store.find_numbers(row.id, states=asked.states, where=asked.where, sort=asked.sort))
    with _lock:
        lists[key] = found
        while len(lists) > KEPT:
            lists.popitem(last=False)
    return found
