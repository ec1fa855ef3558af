"""A host's config with another backbone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import NamedTuple

from mmengine.config import Config

from .adapt_channels import adapt_channels
from .adapt_head import adapt_head, heads_of, walk
from .change import Change
from .feature_map import FeatureMap
from .measuring import measured_maps, promised_maps, run_neck
from .recorder import Recorder
from .swap_error import SwapError
from .usage import levels_read

Maps = tuple[FeatureMap, ...]
STRIDES = ('auto', 'native', 'pyramid')
# Images in [-1, 1], as Stable Diffusion's image encoder was trained with.
_NORMALIZATION = dict(mean=[127.5] * 3, std=[127.5] * 3)


def swap_backbone(
    cfg: Config,
    backbone: Mapping,
    strides: str = 'auto',
    host_maps: Sequence[tuple[int, int]] | None = None,
) -> tuple[Config, list[Change]]:
    """Replaces the backbone of a config of mmseg, mmdet or mmpose.

    Nothing is looked up by the config's or the model's name. The old backbone and neck
    are built with random weights and run on one small image: this says what every
    number of the config was written for. The new backbone says what it gives
    (``feature_info``); the neck is adapted, run, and the heads are adapted to what it
    gives then. Schedule, hooks and data stay as they are.

    ``strides`` chooses how maps of strides 8 to 64 meet a config for 4 to 32:

    * ``'native'``: the maps as they are. A list of levels reads all of them, a single
      level the one of nearest stride; anchors, points and RoI extractors get the
      strides that come out.
    * ``'pyramid'``: ``StridePyramidNeck`` gives exactly the strides of the old
      backbone, a stride that is there without parameters. Only channels change.
    * ``'auto'``: native for segmentors, whose heads resize what they predict (VPD does
      so), unless the host's maps do not become coarser level by level (plain ViT).
      Detectors and pose estimators: native if every head still reads the strides it was
      written for (RetinaNet, FCOS, ATSS, DINO: 8 and coarser), else pyramid (Faster
      R-CNN, Mask2Former: 4; heat maps from one stride-32 map, or HRNet's stride 4).

    Args:
        cfg: Config of the host with ``model`` and ``default_scope``; not modified.
        backbone: Config of the new backbone, with RGB input in [-1, 1].
        strides: ``'auto'``, ``'native'`` or ``'pyramid'``.
        host_maps: Pairs of channels and stride of the old backbone's maps, for one that
            cannot be built here (of mmpretrain, say).

    Returns:
        The new config, and the changes from the old one.

    Raises:
        ValueError: If ``strides`` is unknown.
        SwapError: If a number of the config cannot be placed; the message names its
            key, what it has and what it should be.

    Example:
        >>> cfg = get_config('mmdet::retinanet/retinanet_r50_fpn_1x_coco.py')
        >>> prompt = dict(type='NullPrompt')
        >>> backbone = dict(type='StableDiffusionBackbone', prompt=prompt)
        >>> cfg, changes = swap_backbone(cfg, backbone)
    """
    if strides not in STRIDES:
        raise ValueError(f'strides must be one of {STRIDES}, got {strides!r}')
    for name in ('model', 'default_scope'):
        if cfg.get(name) is None:
            raise SwapError(name, 'nothing', "set, as in the hosts' configs")
    if 'backbone' not in cfg.model:
        raise SwapError('model.backbone', 'nothing', 'the backbone to replace')
    if host_maps is None:
        old = measured_maps(cfg.model.backbone, cfg.default_scope)
    else:
        old = tuple(FeatureMap(*each) for each in host_maps)
    ours = promised_maps(backbone, cfg.default_scope)
    swap = _Swap(cfg, dict(backbone), old, ours)
    if strides == 'native' or (strides == 'auto' and swap.suits_native()):
        return swap.run(pyramid=False)
    return swap.run(pyramid=True)


class _Path(NamedTuple):
    """What lies between the new backbone and the heads.

    Attributes:
        neck: Config of the neck, if there is one.
        entry: The maps that the host's neck, or else its heads, get now.
        entry_read: Which of them its neck reads; None without a neck.
        old: The maps that its heads got before.
        new: The maps that they get now.
    """

    neck: dict | list | None
    entry: Maps
    entry_read: tuple[bool, ...] | None
    old: Maps
    new: Maps


class _Swap:
    """The swap in a config whose old and new maps are known."""

    def __init__(self, cfg: Config, backbone: dict, old: Maps, ours: Maps) -> None:
        self.cfg, self.backbone = cfg, backbone
        self.scope = cfg.default_scope
        self.old, self.ours = old, ours
        self.segments = 'decode_head' in cfg.model
        self.old_necks = self._run_old_necks()
        self.old_read = (
            self.old_necks[0][1] if self.old_necks else levels_read(cfg.model, old)
        )

    def suits_native(self) -> bool:
        """Whether ``'auto'`` takes the maps as they are."""
        if self.segments:
            used = [
                each.stride
                for each, read in zip(self.old, self.old_read, strict=True)
                if read
            ]
            return not self._reads_several() or used == sorted(set(used))
        try:
            path = self._adapt_necks(Recorder(), pyramid=False)
        except SwapError:  # a neck that cannot take these maps; a pyramid suits it
            return False
        return _strides(path.old) == _strides(path.new)

    def run(self, pyramid: bool) -> tuple[Config, list[Change]]:
        """Makes the new config."""
        recorder, cfg = Recorder(), deepcopy(self.cfg)
        model = cfg.model
        recorder.set(model, 'model', 'backbone', self.backbone)
        for name in ('pretrained', 'init_cfg'):  # weights of the old backbone
            if model.get(name) is not None:
                recorder.set(model, 'model', name, None)
        path = self._adapt_necks(recorder, pyramid)
        if path.neck is not None:
            model['neck'] = path.neck
        if self.old_necks and not self.segments and len(path.old) != len(path.new):
            raise SwapError(
                'model.neck',
                f'{len(path.new)} levels with these maps',
                f'{len(path.old)}, what the heads were written for; use '
                "strides='pyramid'",
            )
        for key, head in heads_of(model):
            adapt_head(head, key, path.old, path.new, self.scope, recorder)
        read = path.entry_read or levels_read(model, path.entry)
        if not self._reads_finest(path.entry, read):
            # The UNet's last blocks get no gradient then; DDP has to know.
            recorder.set(cfg, '', 'find_unused_parameters', True)
        _set_normalization(cfg, recorder)
        _set_imports(cfg, recorder)
        return cfg, recorder.changes

    def _run_old_necks(self) -> list[tuple[Maps, tuple[bool, ...]]]:
        """What every neck of the host gives, and which maps it uses."""
        results, maps = [], self.old
        for key, neck in _necks(self.cfg.model):
            maps, used = run_neck(neck, maps, self.scope, key)
            results.append((maps, used))
        return results

    def _reads_several(self) -> bool:
        """Whether one module reads several levels, which must then differ."""
        return bool(self.old_necks) or any(
            isinstance(node.get('in_channels'), (list, tuple))
            for key, head in heads_of(self.cfg.model)
            for _, node in ((key, head), *walk(head, key))
        )

    def _reads_finest(self, entry: Maps, read: Sequence[bool]) -> bool:
        return any(
            flag and (len(self.ours) == 1 or level.stride < self.ours[1].stride)
            for level, flag in zip(entry, read, strict=True)
        )

    def _adapt_necks(self, recorder: Recorder, pyramid: bool) -> _Path:
        """Adapts the necks, running each to know what the next one gets."""
        necks = deepcopy(_necks(self.cfg.model))
        old, new = self.old, self.ours
        levels = self._pyramid() if pyramid else None
        if levels is not None:
            new = tuple(self._level(stride) for stride in levels['strides'])
            recorder.set(dict(self.cfg.model), 'model', 'neck', levels)
        entry, reads = new, []
        for (key, neck), (given, _) in zip(necks, self.old_necks, strict=True):
            if levels is not None:
                key = key.replace('model.neck', 'model.neck.neck', 1)
            adapt_channels(neck, key, old, new, self.scope, recorder)
            if levels is None and neck.get('start_level'):
                # The finest maps of a host are too fine for this neck; ours are not.
                recorder.set(neck, key, 'start_level', 0)
            old, (new, read) = given, run_neck(neck, new, self.scope, key)
            reads.append(read)
        plain = [neck for _, neck in necks]
        neck = plain[0] if len(plain) == 1 else plain or None
        if levels is not None:
            neck = levels if neck is None else levels | dict(neck=neck)
        return _Path(neck, entry, reads[0] if reads else None, old, new)

    def _pyramid(self) -> dict | None:
        """Config of the neck that gives the old strides; None if ours are those."""
        native = [each.stride for each in self.ours]
        strides = [
            # A map that nothing reads is not worth parameters, which would get no
            # gradient: distributed training stops at that.
            each.stride if is_used else max(each.stride, native[0])
            for each, is_used in zip(self.old, self.old_read, strict=True)
        ]
        if strides == native:
            return None
        return dict(
            type='StridePyramidNeck',
            in_channels=[each.channels for each in self.ours],
            in_strides=native,
            strides=strides,
        )

    def _level(self, stride: int) -> FeatureMap:
        finer = [each for each in self.ours if each.stride <= stride]
        return FeatureMap((finer or [self.ours[0]])[-1].channels, stride)


def _necks(model: Mapping) -> list[tuple[str, dict]]:
    """The necks that follow one another, with their dotted keys."""
    necks = model.get('neck')
    if not necks:
        return []
    if isinstance(necks, (list, tuple)):
        return [(f'model.neck.{index}', neck) for index, neck in enumerate(necks)]
    return [('model.neck', necks)]


def _strides(maps: Maps) -> list[int]:
    return [each.stride for each in maps]


def _set_normalization(cfg: Config, recorder: Recorder) -> None:
    """RGB in [-1, 1]; hosts' preprocessors get BGR images."""
    for holder, key in ((cfg.model, 'model'), (cfg, '')):
        node = holder.get('data_preprocessor')
        if node is None:
            continue
        key = f'{key}.data_preprocessor'.lstrip('.')
        recorder.delete(node, key, 'rgb_to_bgr')
        for name, value in _NORMALIZATION.items():
            recorder.set(node, key, name, list(value))
        recorder.set(node, key, 'bgr_to_rgb', True)


def _set_imports(cfg: Config, recorder: Recorder) -> None:
    """A list of imports replaces that of the base config, so ours joins theirs."""
    imports = dict(cfg.get('custom_imports') or {})
    names = imports.get('imports') or []
    names = [names] if isinstance(names, str) else list(names)
    if 'diffmm' not in names:
        value = imports | dict(
            imports=['diffmm', *names],
            allow_failed_imports=imports.get('allow_failed_imports', False),
        )
        recorder.set(cfg, '', 'custom_imports', value)
