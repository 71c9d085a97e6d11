"""Chaos: a study on a cluster to which everything happens, and what its store and journals say afterwards.

python -m tests.cluster.chaos --seed 7
"""

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster.campaign import Campaign
from tests.cluster.faults import FAULTS, NothingToHitError
from tests.cluster.hosts import Lan, can_make_hosts
from tests.cluster.verdict import Verdict

POLL_S = 0.1


@dataclass
class Plan:
    """How much of what; the same seed strikes the same kinds in the same order."""

    seed: int
    trials: int = 500
    slots: int = 64
    faults: int = 40
    hosts: int = 3
    lease_s: float = 6.0
    limit_s: float = 3000.0
    heads: int = 2
    """How often the head goes: it takes all drivers with it, and half a minute."""

    def kinds(self, rng: random.Random) -> list[str]:
        """Every kind at least once, then whatever comes."""
        kinds = [kind for kind in FAULTS if kind != "head"]
        kinds += rng.choices(kinds, k=max(0, self.faults - self.heads - len(kinds)))
        kinds += ["head"] * self.heads
        rng.shuffle(kinds)
        return kinds


@dataclass
class Report:
    """What was done, and what came of it."""

    plan: Plan
    struck: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    """How drivers ended that had to be started again."""
    seconds: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)

    def table(self) -> str:
        """As `make chaos` prints it."""
        verdict = self.verdict
        rows = [
            ("seed", self.plan.seed),
            ("seconds", round(self.seconds)),
            ("slots", self.plan.slots),
            *((f"fault: {kind}", self.struck[kind]) for kind in FAULTS),
            ("faults", self.struck.total()),
            *((f"driver ended, {end}", count) for end, count in sorted(self.ends.items())),
            ("trials", verdict.trials),
            ("attempts", verdict.attempts),
            ("evaluations", verdict.evaluations),
            *((f"attempt {cause}", count) for cause, count in verdict.causes.most_common()),
            ("late results, noted and ignored", verdict.late),
            ("wrong", len(verdict.wrong)),
        ]
        return "\n".join(f"{name:84}{count:8}" for name, count in rows) + "\n" + "\n".join(verdict.wrong)


class Chaos:
    """Faults by the progress of a study: the n-th strikes once so many trials are complete."""

    def __init__(self, plan: Plan, campaign: Campaign, say: Callable[[str], None]) -> None:
        self.plan, self.campaign, self._say = plan, campaign, say
        self.rng = random.Random(plan.seed)
        self.report = Report(plan)
        kinds = plan.kinds(self.rng)
        self._plan = sorted((self.rng.uniform(0, 0.8) * plan.trials, kind) for kind in kinds)
        self._healing: list[tuple[float, str, Iterator[float]]] = []
        self._began = time.monotonic()

    def run(self) -> Report:
        """The study from its start to its end."""
        plan, campaign = self.plan, self.campaign
        each, hosts = plan.slots // 2, campaign.worker_hosts
        first = campaign.search(hosts[0], plan.trials, each)
        first.process.wait_for(lambda: campaign.count("running"), "trials")
        campaign.resume(hosts[1], each)
        while not all(driver.done for driver in campaign.drivers):
            self._heal()
            self._strike()
            campaign.tend(each)
            assert time.monotonic() - self._began < plan.limit_s, "the study does not end"
            time.sleep(POLL_S)
        while self._healing:
            self._heal(at_once=True)
        self.report.ends = Counter(end for driver in campaign.drivers for end in driver.ends)
        self.report.verdict = campaign.verdict(plan.trials)
        self.report.seconds = time.monotonic() - self._began
        return self.report

    def _strike(self) -> None:
        """The next fault, if its time has come and it finds what to hit."""
        complete = self.campaign.count("complete") if self._plan else 0
        if not self._plan or complete < self._plan[0][0]:
            return
        kind = self._plan[0][1]
        fault = FAULTS[kind](self.campaign, self.rng)
        try:
            seconds = next(fault)
        except NothingToHitError:
            return
        self._plan.pop(0)
        self.report.struck[kind] += 1
        self._tell(f"{kind} ({seconds:.1f} s) at {complete} of {self.plan.trials}")
        self._healing.append((time.monotonic() + seconds, kind, fault))

    def _heal(self, at_once: bool = False) -> None:
        due = [one for one in self._healing if at_once or one[0] <= time.monotonic()]
        self._healing = [one for one in self._healing if one not in due]
        for _, kind, fault in due:
            if next(fault, None) is None:
                self._tell(f"{kind} is over")

    def _tell(self, what: str) -> None:
        self._say(f"{time.monotonic() - self._began:7.1f} s  {what}")


def run(plan: Plan, folder: Path, say: Callable[[str], None]) -> Report:
    """A whole chaos in a folder, where the logs of all hosts stay."""
    with Lan(folder) as lan:
        say(f"seed {plan.seed}; logs in {lan.folder}")
        cpus = -(-plan.slots // plan.hosts)
        campaign = Campaign(lan, plan.hosts, cpus, lease_s=plan.lease_s)
        return Chaos(plan, campaign, say).run()


def main() -> int:
    """`make chaos`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000))
    for name in ("trials", "slots", "faults", "hosts", "heads"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Plan, name))
    parser.add_argument("--lease-s", type=float, default=Plan.lease_s)
    parser.add_argument("--limit-s", type=float, default=Plan.limit_s)
    if why := can_make_hosts():
        print(f"no chaos here: {why}", file=sys.stderr)
        return 2
    plan = Plan(**vars(parser.parse_args()))
    report = run(plan, Path(tempfile.mkdtemp(prefix="nas-chaos-")), lambda line: print(line, flush=True))
    print(report.table())
    return int(bool(report.verdict.wrong))


if __name__ == "__main__":
    sys.exit(main())
