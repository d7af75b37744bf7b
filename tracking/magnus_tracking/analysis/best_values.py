"""Which direction of a metric is best, and which runs have its best value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from magnus_tracking.runlog.numbers_in_text import NUMBER_TYPES, number_of

Direction = Literal["min", "max"]

_DOWN = """
loss losses error errors err mse rmse mae mape msle rmsle nll perplexity ppl wer cer fid divergence kl latency brier
logloss crossentropy entropy regret distance time seconds ms duration memory cost hinge bpc bpb fpr fnr eer ece gap
residual deviance hamming inertia aic bic
"""
_UP = """
accuracy acc score scores auc auroc aucpr auprc roc f1 f2 fbeta precision recall sensitivity specificity r2 map ap ndcg
mrr bleu rouge rougel meteor iou miou dice reward return returns success throughput kappa mcc correlation pearson
spearman tpr tnr likelihood silhouette lift gain psnr ssim coverage winrate top hit hits hitrate jaccard gini cider chrf
"""
_WORDS: dict[str, Direction] = {
    **dict.fromkeys(_DOWN.split(), "min"),
    **dict.fromkeys(_UP.split(), "max"),
}
_PLAIN = NUMBER_TYPES | {type(None)}
_PART = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+\d*(?![a-z])|\d+")


def direction_of(metric: str, chosen: Mapping[str, str] | None = None) -> Direction | None:
    """Whether the least or the greatest value of a metric is best; None where its name doesn't tell.

    The last word of the name that says something decides, so that ``val.accuracy_error`` goes down.

    Args:
        metric: its name, dotted where nested.
        chosen: what the user said, by name of metric; it wins.
    """
    said = (chosen or {}).get(metric)
    if said == "min" or said == "max":
        return "min" if said == "min" else "max"
    for part in reversed(_PART.findall(metric)):
        word = part.lower()
        known = _WORDS.get(word) or _WORDS.get(word.rstrip("0123456789"))
        if known is not None:
            return known
    return None


def numbers_in(values: Iterable[Any]) -> list[int | float]:
    """The numbers among `values`, in their order, without NaN; text that reads as a number is one."""
    values = list(values)
    if set(map(type, values)) <= _PLAIN:
        # As a rule; asking each of 100,000 takes most of a frame.
        return [value for value in values if value is not None and value == value]
    return [number for value in values if (number := number_of(value)) is not None and number == number]


def best_value(values: Iterable[Any], direction: Direction | None) -> int | float | None:
    """The best number among `values`, leaving out NaN and what is not a number; None where there is none to choose."""
    numbers = numbers_in(values)
    if direction is None or not numbers:
        return None
    return min(numbers) if direction == "min" else max(numbers)
