"""A metric of what captions name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS

from diffmm.utils.nouns import MentionedClasses


@METRICS.register_module()
class CaptionNouns(BaseMetric):
    """Precision and recall of the nouns of captions, over all pictures of a style.

    A noun counts once for each picture, in the singular or the plural. It is right if
    the picture's own first caption names it too.

    Example:
        >>> from mmengine.structures import BaseDataElement
        >>> metric = METRICS.build(dict(type='CaptionNouns', nouns=['car', 'tree']))
        >>> sample = BaseDataElement(
        ...     metainfo=dict(captions=['a car and a tree'], style='day'))
        >>> metric.process(dict(data_samples=[sample]), [dict(caption='two cars')])
        >>> {key: value for key, value in metric.evaluate(1).items()}
        {'nouns/precision': 1.0, 'nouns/recall': 0.5}

    Args:
        nouns: The nouns to look for.
        **kwargs: Of ``mmengine.evaluator.BaseMetric``.
    """

    default_prefix = 'nouns'

    def __init__(self, nouns: Sequence[str], **kwargs) -> None:
        super().__init__(**kwargs)
        self._nouns = tuple(nouns)
        self._mentioned = MentionedClasses(self._nouns)

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Compares a batch.

        Args:
            data_batch: ``data_samples``, each with ``captions`` and perhaps a
                ``style``.
            data_samples: Per picture ``caption``.
        """
        for truth, sample in zip(data_batch['data_samples'], data_samples, strict=True):
            style = truth.get('style', 'day')
            pair = (self.find(truth.captions[0]), self.find(sample['caption']))
            self.results.append((style, *pair))

    def find(self, caption: str) -> set[str]:
        """Finds the nouns of a caption."""
        return {self._nouns[index] for index in self._mentioned.find(caption)}

    def compute_metrics(self, results: list[tuple]) -> dict[str, float]:
        """Counts over all pictures, and over those of each style if there are several.

        Args:
            results: Per picture its style, its nouns and the nouns of the caption.

        Returns:
            ``precision`` and ``recall``; with several styles also those of each, as
            ``<style>_precision`` and ``<style>_recall``.
        """
        by_style = defaultdict(list)
        for style, present, named in results:
            by_style[style].append((present, named))
        everything = [pair for pairs in by_style.values() for pair in pairs]
        metrics = dict(zip(('precision', 'recall'), score(everything), strict=True))
        if len(by_style) > 1:
            for style, pairs in by_style.items():
                precision, recall = score(pairs)
                metrics[f'{style}_precision'] = precision
                metrics[f'{style}_recall'] = recall
        return metrics


def score(pairs: Iterable[tuple[set[str], set[str]]]) -> tuple[float, float]:
    """Computes precision and recall.

    Args:
        pairs: Per picture the nouns that are present and those that are named.

    Returns:
        The share of named nouns that are present, and of present nouns that are named;
        0 of none.
    """
    right = named = present = 0
    for truth, guess in pairs:
        right += len(truth & guess)
        named += len(guess)
        present += len(truth)
    return right / max(named, 1), right / max(present, 1)


def blind_list(pictures: Sequence[set[str]], size: int) -> set[str]:
    """Finds the nouns that a caption names best without a look at the picture.

    Args:
        pictures: The nouns of every picture.
        size: Number of nouns.

    Returns:
        The commonest nouns.
    """
    counts = Counter(noun for nouns in pictures for noun in sorted(nouns))
    return {noun for noun, _ in counts.most_common(size)}
