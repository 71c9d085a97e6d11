"""NSGA-III: fronts and niches around directions (Deb & Jain 2014, doi:10.1109/TEVC.2013.2281535)."""

import warnings

from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseGASampler, NSGAIIISampler

from nas.search.generations import POPULATION, Generations
from nas.search.samplers import SAMPLERS


@SAMPLERS.register("nsga3", "a genetic algorithm for three objectives and more, NSGA-III")
class Nsga3Sampler(Generations):
    """Optuna's selection by fronts and niches; children cross conditional parameters too."""

    def __init__(self) -> None:
        super().__init__(_selector)


def _selector(seed: int) -> BaseGASampler:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return NSGAIIISampler(population_size=POPULATION, seed=seed)
