"""The adapter that fits configs of necks and heads to other maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diffmm.models.backbones import FeatureInfo

from .config_keys import ChangeLog, SwapError
from .host_modules import find_class, parameters_of
from .levels import (
    children_of,
    common_channels,
    nearest_level,
    nearest_levels,
    walk,
)

# The hosts' names for the strides of the maps that a module reads.
_STRIDES = ('strides', 'feature_strides', 'featmap_strides', 'point_strides')


class Adapter:
    """Writes the channels, indices and strides of new maps into configs.

    A number's meaning follows from its class's arguments and from the maps that it was
    written for, never from the name of a config or model.

    Args:
        old: Maps that the config was written for.
        new: Maps that take their place.
        scope: The host.
        log: Writes the config and remembers the changes.
    """

    def __init__(
        self,
        old: Sequence[FeatureInfo],
        new: Sequence[FeatureInfo],
        scope: str,
        log: ChangeLog,
    ) -> None:
        self.old, self.new = list(old), list(new)
        self.scope, self.log = scope, log

    def adapt_neck(self, node: dict, key: str) -> None:
        """Writes the channels of the new maps into a neck.

        Args:
            node: Config of the neck.
            key: Its dotted key.

        Raises:
            SwapError: If ``in_channels`` does not fit the old maps, or needs more maps
                than there are now.
        """
        before = node.get('in_channels')
        self._adapt_channels(node, key)
        after, given = node.get('in_channels'), node.get('out_channels')
        # SSD's neck passes its maps on, and lists them before those that it adds.
        if (
            all(isinstance(each, (list, tuple)) for each in (before, after, given))
            and len(given) > len(before)
            and list(given[: len(before)]) == list(before)
        ):
            added = list(given[len(before) :])
            self.log.set(node, key, 'out_channels', [*after, *added])

    def adapt_head(self, node: dict, key: str) -> None:
        """Writes channels and strides into a head and the modules inside it.

        Args:
            node: Config of the head.
            key: Its dotted key.

        Raises:
            SwapError: If it is unclear how a number depends on the maps.
        """
        if self.old == self.new:
            return
        self._adapt_channels(node, key)
        handed_on = self._handed_on(node, key)
        for inner_key, inner in (*walk(node, key), (key, node)):
            if inner is not node:
                self._adapt_inner(inner, inner_key, inner_key in handed_on)
            self._adapt_strides(inner, inner_key)

    # Channels and indices.

    def _adapt_channels(self, node: dict, key: str) -> None:
        """Writes ``in_channels``, ``in_index`` and their like.

        A list holds the channels of all maps, or of those in ``in_index``. A number is
        that of the map at ``in_index``, of every map if all are equal, else of the
        last one.
        """
        arguments = self._arguments(node)
        has = node.get('in_channels')
        # A head without a convolution of its own classifies the map itself.
        same = (
            node.get('num_convs') == 0
            and has is not None
            and node.get('channels') == has
        )
        if isinstance(has, (list, tuple)):
            self._adapt_list(node, key)
        elif has is not None and 'in_index' in arguments:
            self._adapt_indexed(node, key, arguments['in_index'])
        elif has is not None:
            self._adapt_number(node, key)
        if same:
            self.log.set(node, key, 'channels', node['in_channels'])
        # CPM's head predicts its maps as they are; other maps need a layer for that.
        if (
            'final_layer' in node
            and node['final_layer'] is None
            and not node.get('deconv_out_channels')
            and has == node.get('out_channels') != node.get('in_channels')
        ):
            self.log.set(node, key, 'final_layer', dict(kernel_size=1))
        # DeepLabV3+ reads the first map, too; pyramids for plain ViTs name one width
        # for all maps, and so does DPT's head, which reads several.
        others = [('c1_in_channels', 0), ('embed_dim', -1)]
        if isinstance(has, (list, tuple)):
            others.append(('embed_dims', -1))
        for name, level in others:
            if node.get(name) in (None, 0) or name not in arguments:
                continue
            if node[name] == self.old[level].channels:
                self.log.set(node, key, name, self.new[level].channels)

    def _adapt_list(self, node: dict, key: str) -> None:
        has, indices = list(node['in_channels']), node.get('in_index')
        old = [each.channels for each in self.old]
        if isinstance(indices, (list, tuple)):
            _require(key, has, [old[i] for i in indices])
            chosen = nearest_levels(indices, self.old, self.new, f'{key}.in_index')
            self.log.set(node, key, 'in_index', chosen)
            numbers = [self.new[i].channels for i in chosen]
        else:
            numbers = [each.channels for each in self.new]
            if has != old and has == old[::-1]:  # YOLOv3's neck: coarse to fine
                numbers = numbers[::-1]
            else:
                _require(key, has, old)
        self.log.set(node, key, 'in_channels', numbers)

    def _adapt_indexed(self, node: dict, key: str, default: Any) -> None:
        index = node.get('in_index', default if isinstance(default, int) else -1)
        if not -len(self.old) <= index < len(self.old):
            raise SwapError(f'{key}.in_index', index, f'below {len(self.old)}')
        _require(key, node['in_channels'], self.old[index].channels)
        chosen, count = nearest_level(index, self.old, self.new), len(self.new)
        if index % count != chosen or not -count <= index < count:
            self.log.set(node, key, 'in_index', chosen)
        self.log.set(node, key, 'in_channels', self.new[chosen].channels)

    def _adapt_number(self, node: dict, key: str) -> None:
        has = node['in_channels']
        if has == common_channels(self.old):
            number = self._one_number(key, 'in_channels', has)
        else:
            _require(key, has, self.old[-1].channels)
            number = self.new[-1].channels
        self.log.set(node, key, 'in_channels', number)

    def _one_number(self, key: str, name: str, has: int) -> int:
        """Returns the channels of the new maps, which must be equal."""
        number = common_channels(self.new)
        if number is None:
            raise SwapError(
                f'{key}.{name}',
                has,
                f'one number for all maps, but they have '
                f'{[each.channels for each in self.new]} channels; add a neck such as '
                'FPN',
            )
        return number

    # Modules inside a head.

    def _handed_on(self, node: dict, key: str) -> set[str]:
        """Finds the inner heads that get the maps of a head without ``in_channels``.

        Such a head hands its maps on: to modules with ``in_index`` (K-Net), else to the
        heads directly below it (pairs of heads, the stages of a cascade).
        """
        if 'in_channels' in node or key.startswith('model.roi_head'):
            return set()
        if any('in_index' in self._arguments(each) for _, each in walk(node, key)):
            return set()
        numbers = (self.old[-1].channels, common_channels(self.old))
        return {
            child_key
            for child_key, child in children_of(node, key)
            if child.get('in_channels', -1) in numbers
        }

    def _adapt_inner(self, node: dict, key: str, handed_on: bool) -> None:
        """Writes the channels of a module inside a head; most of them read no maps."""
        if key.endswith('.shared_head'):
            raise SwapError(
                key,
                f'{node.get("type")}, which continues the stages of the old backbone',
                'absent: choose a config whose RoI head reads a neck (FPN)',
            )
        indexed = 'in_channels' in node and 'in_index' in self._arguments(node)
        if handed_on or indexed:
            self._adapt_channels(node, key)
            return
        before = common_channels(self.old)
        if '.roi_head.' not in key or before == common_channels(self.new):
            return
        # RoI heads read what the extractor cuts out of the maps.
        name = 'out_channels' if 'featmap_strides' in node else 'in_channels'
        if before is not None and node.get(name) == before:
            self.log.set(node, key, name, self._one_number(key, name, before))

    # Strides.

    def _adapt_strides(self, node: dict, key: str) -> None:
        """Writes strides, and sizes that are measured in them.

        These are ``strides`` of anchor, prior and point generators and of point heads,
        ``featmap_strides`` of RoI extractors and ``feature_strides`` of semantic FPN.
        FCOS's ``regress_ranges`` grow with them; the ``in_featuremap_size`` of SimCC
        shrinks. If the class default matched only the old strides, the new value is
        written explicitly.
        """
        before = [each.stride for each in self.old]
        after = [each.stride for each in self.new]
        if before == after:
            return
        arguments = self._arguments(node)
        for name in _STRIDES:
            has = node.get(name, arguments.get(name))
            if not isinstance(has, (list, tuple)):
                continue
            if _first(has) == before[: len(has)]:
                count = len(after) if len(has) == len(before) else len(has)
                self.log.set(node, key, name, after[:count])
            elif name in node and _belongs_to_maps(node, name):
                raise SwapError(
                    f'{key}.{name}',
                    list(has),
                    f"{before}, the strides of the config's own maps; with other "
                    f"numbers it is unclear where {after} go. strides='pyramid' "
                    'leaves them as they are',
                )
        self._adapt_ranges(node, key, arguments)
        size = node.get('in_featuremap_size')
        if size is not None:
            scaled = [side * before[-1] // after[-1] for side in size]
            self.log.set(node, key, 'in_featuremap_size', scaled)

    def _adapt_ranges(self, node: dict, key: str, arguments: Mapping) -> None:
        """Scales the box sizes that a level is responsible for by its stride."""
        ranges = node.get('regress_ranges', arguments.get('regress_ranges'))
        if not isinstance(ranges, (list, tuple)):
            return
        if len(ranges) == len(self.old) == len(self.new):
            scaled = [
                [_scale(bound, new.stride / old.stride) for bound in bounds]
                for bounds, old, new in zip(ranges, self.old, self.new, strict=True)
            ]
            self.log.set(node, key, 'regress_ranges', scaled)

    def _arguments(self, node: Mapping) -> dict[str, Any]:
        return parameters_of(find_class(node.get('type'), self.scope))


def _require(key: str, has: Any, expected: Any) -> None:
    if has != expected:
        raise SwapError(
            f'{key}.in_channels',
            has,
            f"{expected}: those are the channels of the config's own maps",
        )


def _scale(bound: float, factor: float) -> float:
    """Scales a bound; -1 and 1e8 stand for none."""
    return bound if bound < 0 or bound >= 1e8 else bound * factor


def _first(strides: Sequence) -> list:
    """Takes one number per level where x and y have one each."""
    return [each[0] if isinstance(each, (list, tuple)) else each for each in strides]


def _belongs_to_maps(node: dict, name: str) -> bool:
    """Tells strides of maps from those of convolutions."""
    return name != 'strides' or str(node.get('type')).endswith('Generator')
