"""NSGA-II: non-dominated sorting and crowding distances (Deb et al. 2002, doi:10.1109/4235.996017)."""

from optuna.samplers import NSGAIISampler

from nas.search.generations import POPULATION, Generations
from nas.search.samplers import SAMPLERS


@SAMPLERS.register("nsga2", "a genetic algorithm for two or three objectives, NSGA-II")
class Nsga2Sampler(Generations):
    """Optuna's selection by fronts and crowding; children cross conditional parameters too."""

    def __init__(self) -> None:
        super().__init__(lambda seed: NSGAIISampler(population_size=POPULATION, seed=seed))
