"""The number of multiply-adds: the other baseline."""

from workers.proxies.base import PROXIES
from workers.proxies.subject import Subject


@PROXIES.register("macs", "the number of multiply-adds, more being better")
def macs(subject: Subject) -> float:
    """Multiply-adds of the inference graph as written, its dead layers' too; higher is better."""
    return float(subject.architecture.cost.macs)
