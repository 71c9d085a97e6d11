"""What can be done from a page: begin a study, steer it, give it a point, and the processes that drive it.

Nothing here loads torch, Ray or Optuna: what needs them is asked of a helper process (`nas.service.helper`),
and studies are driven by processes of their own, which outlive the one that starts them.
"""

from nas.service.actions.control import cancel, delete, pause, resume, stop
from nas.service.actions.creating import create
from nas.service.actions.drivers import Drivers
from nas.service.actions.enqueue import EnqueueResult, enqueue
from nas.service.actions.preview import Preview, preview
from nas.service.actions.records import DriverProcess
from nas.service.actions.request import SearchRequest

__all__ = [
    "DriverProcess",
    "Drivers",
    "EnqueueResult",
    "Preview",
    "SearchRequest",
    "cancel",
    "create",
    "delete",
    "enqueue",
    "pause",
    "preview",
    "resume",
    "stop",
]
