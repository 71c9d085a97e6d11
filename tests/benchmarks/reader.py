"""A reader that polls a store as a dashboard does: `python -m tests.benchmarks.reader URL HERTZ`.

Lines `on` and `off` on its standard input start and stop it. At the end of the input it prints how often it
has polled, and its errors.
"""

import json
import sys
import threading
import time

from nas.errors import NasError
from nas.store import Store, open_store


def poll(store: Store, name: str, revision: int) -> int:
    """The list of studies, one study's counts, a page of its trials and what is new; its revision."""
    store.studies()
    study = store.study(name)
    store.trials(study.id, limit=50, descending=True)
    store.best(study.id, 5)
    rows = store.history(study.id, after=revision, limit=1000)
    return rows[-1].revision if rows else revision


def main() -> None:
    """Poll until the input ends."""
    gate, ended = threading.Event(), threading.Event()

    def listen() -> None:
        for line in sys.stdin:
            (gate.set if line == "on\n" else gate.clear)()
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    polls, errors, revision = 0, list[str](), 0
    with open_store(sys.argv[1], create=False) as store:
        while not ended.is_set():
            if gate.wait(0.05):
                polls += 1
                try:
                    revision = poll(store, store.study_names()[0], revision)
                except NasError as error:
                    errors.append(str(error))
                time.sleep(1 / float(sys.argv[2]))
    print(json.dumps({"polls": polls, "errors": errors}))


if __name__ == "__main__":
    main()
