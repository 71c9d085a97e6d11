"""Zero-cost proxies: what an untrained network tells of itself; a file of this folder adds one."""

from workers.proxies.base import PROXIES

__all__ = ["PROXIES"]
