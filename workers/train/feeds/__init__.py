"""Feeds: batches of a data set as a network wants them. `feed` chooses between resident and streamed data."""

from workers.train.feeds.base import Batch, Feed, Sizes
from workers.train.feeds.choose import feed

__all__ = ["Batch", "Feed", "Sizes", "feed"]
