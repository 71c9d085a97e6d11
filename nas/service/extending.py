"""Whether more trials of a study would bring anything, told before its budget grows."""

from nas.errors import NasError, SamplerError
from nas.records import Ending
from nas.service.values import bounded
from nas.store.rows import StudyRow


def check_more(row: StudyRow, more: int) -> None:
    """Refuse a larger budget that cannot be spent, or that the study's sampler is too slow for.

    Raises:
        NasError: the study is exhausted, or the number is too large.
        SamplerError: its sampler takes no more trials.
    """
    from nas.search.samplers import abilities

    bounded(row.budget + more, "--trials: a budget of")
    left = row.budget - row.used
    if row.ending is Ending.EXHAUSTED and left > 0:
        raise NasError(
            f"--trials +{more}: study {row.name!r} is exhausted: its space had no new network for the last "
            f"{left} of its {row.budget} trials, so more would be in vain. Type nas resume {row.name} to "
            "look once more, or begin a study of a wider space"
        )
    most = abilities(row.spec.sampler).trials
    if most is not None and row.budget + more > most:
        room = most - row.budget
        instead = f"nas resume {row.name} --trials +{room}, or " if room > 0 else ""
        raise SamplerError(
            f"--trials +{more}: sampler {row.spec.sampler!r} of study {row.name!r} is too slow for "
            f"{row.budget + more:,} trials: up to {most:,} are allowed. Type {instead}nas search with "
            "another --sampler for a new study"
        )
