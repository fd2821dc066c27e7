"""Whether the next touchpoint is foretold better than by simple rules, on later data held out.

The data are cut at a moment. What is learnt is known before it: occasions whose window is over by
then. What is tested lies after it, and its window is over at the end of the data. So nothing of the
future is known to what foretells it, but for what the view itself is made of: conditions on whole
histories (`did`, `touched`, `hasOutcome`) look ahead, and are warned of.

Three things are told of each predictor: how often what came was among its k most probable, how
surprised it was (log loss, in nats), and whether its probabilities are those that come true
(reliability, by the probability of what it held to be the most probable). The baselines are those
that any model has to beat: what follows anything, the last item again, and a first-order chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.ascending import each_once
from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import InvalidOptionError
from journeygraph.kernels.predictions import TAUGHT, place_occasions
from journeygraph.moments import Moment, parse_moment, time_zone
from journeygraph.statistics.occasions import Occasions, occasions_of, sealed
from queries.clustered import MeanInterval, clustered_mean, clustered_share
from queries.intervals import Estimate
from queries.next_predictions import Predictor, Scored, Taught, scores_of
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "HitRate",
    "NextEvaluation",
    "NextEvaluationAnswer",
    "PredictorScore",
    "ReliabilityBin",
    "next_evaluation",
]

_TAUGHT_SHARE = 0.7
_BINS = 10
_HITS_AT = (1, 3, 5)
_MOST_HITS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NextEvaluation(Question):
    """How well the next touchpoint is foretold.

    Attributes
    ----------
    split_at
        What is known before this moment is learnt from, what comes after is tested; by default
        the moment before which seven of ten occasions lie.
    within
        What counts as next comes at most so long after; later, nothing did.
    length
        How many last items the model goes by, at most 8.
    at_least
        Units that must have stood at a prefix, or a shorter one is asked.
    hits_at
        For which k the hit rate at k is told; 1, 3 and 5 by default.
    """

    split_at: Moment | None = None
    within: Duration = "7d"
    length: int = 3
    at_least: int = 30
    hits_at: Sequence[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRate:
    """How often what came was among the k most probable."""

    k: int
    rate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Occasions whose most probable next was held to be about so probable.

    Attributes
    ----------
    from_probability, until_probability
        The bin; its end belongs to it only where it is 1.
    mean_probability
        Mean of what was said.
    observed
        How often it came true.
    """

    from_probability: float
    until_probability: float
    mean_probability: float
    observed: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictorScore:
    """One predictor.

    Attributes
    ----------
    predictor
        Which.
    log_loss, log_loss_low, log_loss_high
        Mean of minus the natural logarithm of the probability of what came.
    excess_loss, excess_loss_low, excess_loss_high
        What the loss is above the model's, occasion by occasion; None of the model itself.
    is_beaten
        Whether the model does better, beyond chance: the interval of the excess is above 0; None
        of the model itself.
    calibration_error
        Mean distance between what was said and what came true, over the bins.
    said_nothing
        Occasions of which it knew nothing, and was given what follows anything.
    hit_rates, reliability
        Hits among the k most probable; bins that hold an occasion.
    """

    predictor: Predictor
    log_loss: float | None
    log_loss_low: float | None
    log_loss_high: float | None
    excess_loss: float | None
    excess_loss_low: float | None
    excess_loss_high: float | None
    is_beaten: bool | None
    calibration_error: float | None
    said_nothing: int
    hit_rates: tuple[HitRate, ...]
    reliability: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextEvaluationAnswer:
    """How well the next touchpoint is foretold.

    Attributes
    ----------
    split_at_us
        Where the data are cut; None where there are none.
    as_of_us
        The end of the data.
    taught, taught_units, tested, tested_units
        Occasions before and after the cut, and of how many units.
    left_out
        Occasions whose window crosses the cut or the end of the data.
    outcomes
        How many different things may come next, nothing among them.
    within_seconds
        How soon is next.
    beats_baselines
        Whether the model does better than every baseline, beyond chance; None where nothing can
        be tested.
    verdict
        The same in a sentence.
    nodes
        The model first, then the baselines.
    """

    split_at_us: int | None
    as_of_us: int
    taught: int
    taught_units: int
    tested: int
    tested_units: int
    left_out: int
    outcomes: int
    within_seconds: float
    beats_baselines: bool | None
    verdict: str
    warnings: tuple[str, ...]
    nodes: tuple[PredictorScore, ...]


def next_evaluation(question: NextEvaluation, journeys: Journeys) -> NextEvaluationAnswer:
    """Teach, test and compare.

    Raises
    ------
    InvalidOptionError, InvalidDurationError
        Where an option cannot be used.
    """
    within_us, hits_at = _check(question)
    occasions = occasions_of(journeys, within_us)
    split_us = _split_us(question, occasions)
    places = np.empty_like(occasions.rows)
    n_tested = place_occasions(
        occasions.rows, sealed(journeys.graph.at_us), within_us, split_us,
        occasions.known_until_us, places,
    )  # fmt: skip
    taught = Taught(occasions, places, n_tested, question.length, question.at_least)
    taught_units = occasions.units[places == TAUGHT]
    n_taught = len(taught_units)
    scores = _scores(hits_at, taught) if n_taught and n_tested else ()
    return NextEvaluationAnswer(
        split_at_us=split_us if len(places) else None,
        as_of_us=journeys.as_of_us,
        taught=n_taught,
        taught_units=len(each_once(taught_units)),
        tested=n_tested,
        tested_units=len(each_once(taught.units)),
        left_out=len(places) - n_taught - n_tested,
        outcomes=taught.n_outcomes,
        within_seconds=within_us / 1e6,
        beats_baselines=all(one.is_beaten for one in scores[1:]) if scores else None,
        verdict=_verdict(scores),
        warnings=_warnings(journeys),
        nodes=scores,
    )


def _check(question: NextEvaluation) -> tuple[int, list[int]]:
    """The window, and for which k hits are told."""
    if not 1 <= question.length <= 8:
        raise InvalidOptionError("length", question.length, "a whole number from 1 to 8")
    if question.at_least < 1:
        raise InvalidOptionError("at_least", question.at_least, "a whole number, 1 or more")
    hits_at = [*_HITS_AT] if question.hits_at is None else [*question.hits_at]
    if not all(1 <= k <= _MOST_HITS for k in hits_at) or len(set(hits_at)) < len(hits_at):
        expected = f"different whole numbers from 1 to {_MOST_HITS}"
        raise InvalidOptionError("hits_at", hits_at, expected)
    return parse_duration(question.within, "within"), hits_at


def _split_us(question: NextEvaluation, occasions: Occasions) -> int:
    if question.split_at is not None:
        zone = time_zone(occasions.journeys.timezone)
        return parse_moment(question.split_at, "split_at", zone)
    at_us = occasions.moments_of(occasions.rows)
    if not len(at_us):
        return 0
    place = int(_TAUGHT_SHARE * len(at_us))
    at_us.partition(place)
    return int(at_us[place])


def _scores(hits_at: Sequence[int], taught: Taught) -> tuple[PredictorScore, ...]:
    units = taught.units
    confidence = taught.occasions.journeys.confidence
    found: list[PredictorScore] = []
    model: Scored | None = None
    for predictor, scored in scores_of(taught):
        excess = MeanInterval(None, None, None)
        if model is None:
            model = scored
        else:
            excess = clustered_mean(scored.loss - model.loss, units, confidence)
        loss = clustered_mean(scored.loss, units, confidence)
        reliability = _reliability(scored, units, confidence)
        found.append(
            PredictorScore(
                predictor=predictor,
                log_loss=loss.value,
                log_loss_low=loss.low,
                log_loss_high=loss.high,
                excess_loss=excess.value,
                excess_loss_low=excess.low,
                excess_loss_high=excess.high,
                is_beaten=None if scored is model else (excess.low or 0.0) > 0,
                calibration_error=_calibration_error(reliability, taught.n_tested),
                said_nothing=scored.said_nothing,
                hit_rates=tuple(
                    HitRate(k=k, rate=clustered_share(scored.ranks <= k, units, confidence))
                    for k in hits_at
                ),
                reliability=reliability,
            )
        )
    return tuple(found)


def _reliability(
    scored: Scored, units: npt.NDArray[Any], confidence: float
) -> tuple[ReliabilityBin, ...]:
    bins = np.minimum((scored.confidence * _BINS).astype(np.int8), _BINS - 1)
    found = []
    for number in np.unique(bins).tolist():
        inside = bins == number
        found.append(
            ReliabilityBin(
                from_probability=number / _BINS,
                until_probability=(number + 1) / _BINS,
                mean_probability=float(scored.confidence[inside].mean()),
                observed=clustered_share(scored.ranks[inside] == 1, units[inside], confidence),
            )
        )
    return tuple(found)


def _calibration_error(reliability: Sequence[ReliabilityBin], n: int) -> float:
    distances = [
        abs(one.mean_probability - (one.observed.value or 0.0)) * one.observed.of
        for one in reliability
    ]
    return sum(distances) / n


def _verdict(scores: Sequence[PredictorScore]) -> str:
    if not scores:
        return "Nothing can be tested: there is no occasion before the cut, or none after it."
    left = [one for one in scores[1:] if not one.is_beaten]
    if not left:
        return "The model does better than every baseline, beyond chance."
    names = " and ".join(one.predictor.value.replace("_", " ") for one in left)
    return f"The model does not do better than {names}, beyond chance: use the simpler rule."


def _warnings(journeys: Journeys) -> tuple[str, ...]:
    where = journeys.where
    customers = where.customers
    looks_ahead = [
        name
        for name, given in (
            ("did", where.did), ("notDid", where.not_did),
            ("touched", customers and customers.touched),
            ("notTouched", customers and customers.not_touched),
            ("hasOutcome", customers and customers.has_outcome),
        )
        if given is not None
    ]  # fmt: skip
    if not looks_ahead:
        return ()
    return (
        f"{', '.join(looks_ahead)} of `where` judges whole histories, what is foretold included: "
        "the scores say more than could have been known.",
    )
