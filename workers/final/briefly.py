"""Train a small network from beginning to end here and now: for baselines, which no study keeps."""

from contextlib import closing

import torch

from nas.cost.architecture import Architecture
from nas.model import build_model
from workers.data import load_data
from workers.final.outputs import Outputs, outputs
from workers.recipe import Recipe
from workers.train.device import cpu_threads, placement
from workers.train.feeds import feed
from workers.train.randomness import Purpose, seed_of
from workers.train.session import Session

ALONE_MACS = 1e8
"""Multiply-adds of a batch below which one thread trains: more only wait for each other. Measured on two
cores, the linear space on digits: 6 s with one thread, 21 s with two."""


def train_briefly(architecture: Architecture, data: str, recipe: Recipe, seed: int) -> dict[str, Outputs]:
    """What the network answers on validation and test part of the data set called `data`, once trained."""
    torch.manual_seed(seed_of(seed, Purpose.WEIGHTS))
    model = build_model(architecture, training=True)
    place, size = placement(model, recipe, architecture.cost.macs), architecture.input.size
    if architecture.cost.macs * recipe.batch < ALONE_MACS:
        recipe = recipe.model_copy(update={"threads": 1})
    with cpu_threads(recipe.threads):
        batches = feed(load_data(data), size=size, recipe=recipe, seed=seed, device=place.device)
        with closing(batches):
            session = Session(model, batches, recipe, place, architecture.cost)
            while session.progress.epoch < recipe.epochs:
                session.train_epoch(lambda: None)
    with session.averaged():
        return outputs(session.model, data, size=size, recipe=recipe)
