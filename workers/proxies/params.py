"""The number of parameters: the baseline that every proxy has to beat."""

from workers.proxies.base import PROXIES
from workers.proxies.subject import Subject


@PROXIES.register("params", "the number of parameters, more being better")
def params(subject: Subject) -> float:
    """Parameters of the inference graph as written, its dead layers' too; higher is better."""
    return float(subject.architecture.cost.params)
