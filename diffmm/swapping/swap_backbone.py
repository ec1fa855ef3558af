"""The swap: a host's config with another backbone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from mmengine.config import Config

from diffmm.models.backbones import FeatureInfo

from .adapter import Adapter
from .common_entries import adapt_common_entries
from .config_keys import Change, ChangeLog, SwapError
from .levels import heads_of, levels_read, walk
from .measuring import HostFeatures, measured_maps, promised_maps, run_neck

Maps = tuple[FeatureInfo, ...]
STRIDES = ('auto', 'native', 'pyramid')


def swap_backbone(
    cfg: Config,
    backbone: Mapping,
    strides: str = 'auto',
    host_maps: Sequence[tuple[int, int]] | None = None,
) -> tuple[Config, list[Change]]:
    """Replaces the backbone of a config of mmseg, mmdet or mmpose.

    Nothing is looked up by the name of the config or the model. The old backbone and
    neck are built with random weights and run on one image, which shows the maps that
    every number of the config was written for. The new backbone states its own
    (``feature_info``). The neck is adapted and run, then the heads are adapted to its
    output. Data, hooks and schedule stay as they are; only a layer-wise decay of the
    learning rate is removed, which counts the old backbone's layers.

    The maps of the new backbone have strides 8 to 64; most configs expect 4 to 32.
    ``strides`` chooses how they meet:

    * ``'native'``: the maps stay as they are. A list of levels reads all of them, a
      single level the one of the nearest stride. Anchors, points and RoI extractors get
      the strides that result.
    * ``'pyramid'``: ``StridePyramidNeck`` gives exactly the strides of the old
      backbone. It has parameters only for strides finer than 8. Only channels change.
    * ``'auto'``: native for segmentors, whose heads resize their predictions (VPD's,
      too), unless the old maps do not become coarser level by level (plain ViT).
      Native for detectors and pose estimators if every head still reads the strides it
      was written for (RetinaNet, FCOS, ATSS, DINO: 8 and coarser), else a pyramid
      (Faster R-CNN, Mask2Former: 4; heat maps from one map of stride 32 or 4).

    Args:
        cfg: Config of the host with ``model`` and ``default_scope``; not modified.
        backbone: Config of the new backbone, with RGB input in [-1, 1].
        strides: ``'auto'``, ``'native'`` or ``'pyramid'``.
        host_maps: Channels and stride of every map of the old backbone. Needed if that
            backbone cannot be built here, because its package is missing.

    Returns:
        The new config, and the changes from the old one.

    Raises:
        ValueError: If ``strides`` is unknown.
        SwapError: If the old backbone cannot be measured, or if it is unclear how a
            number of the config depends on it. The message names the key, its value
            and what it should be.

    Example:
        >>> cfg = get_config('mmdet::retinanet/retinanet_r50_fpn_1x_coco.py')
        >>> prompt = dict(type='NullPrompt')
        >>> backbone = dict(type='StableDiffusionBackbone', prompt=prompt)
        >>> cfg, changes = swap_backbone(cfg, backbone)

        A backbone that needs a package that is not here:

        >>> cfg = get_config('mmseg::vpd/vpd_sd_4xb8-25k_nyu-512x512.py')
        >>> maps = [(320, 8), (640, 16), (1280, 32), (1280, 64)]
        >>> cfg, changes = swap_backbone(cfg, backbone, host_maps=maps)
    """
    if strides not in STRIDES:
        raise ValueError(f'strides must be one of {STRIDES}, got {strides!r}')
    for name in ('model', 'default_scope'):
        if cfg.get(name) is None:
            raise SwapError(name, 'nothing', "set, as in the hosts' configs")
    if 'backbone' not in cfg.model:
        raise SwapError('model.backbone', 'nothing', 'the backbone to replace')
    if host_maps is None:
        scope = cfg.default_scope
        old = measured_maps(cfg.model.backbone, scope, list(_own_sizes(cfg.model)))
    else:
        old = HostFeatures(tuple(FeatureInfo(*each) for each in host_maps))
    ours = promised_maps(backbone, cfg.default_scope)
    swap = _Swap(cfg, dict(backbone), old, ours)
    if strides == 'native' or (strides == 'auto' and swap.suits_native()):
        return swap.run(pyramid=False)
    return swap.run(pyramid=True)


def _own_sizes(model: Mapping) -> Iterable[tuple[int, int]]:
    """Yields the image sizes that a model's config names, as height and width."""
    preprocessor = model.get('data_preprocessor') or {}
    for size in (model.backbone.get('img_size'), preprocessor.get('size')):
        if isinstance(size, int):
            yield size, size
        elif isinstance(size, (list, tuple)) and len(size) == 2:
            yield size[0], size[1]


class _Path(NamedTuple):
    """The way from the new backbone to the heads.

    Attributes:
        neck: Config of the neck, if there is one.
        entry: The maps that the host's neck, or else its heads, get now.
        entry_read: For each of them, whether its neck reads it; None without a neck.
        old: The maps that its heads got before.
        new: The maps that they get now.
    """

    neck: dict | list | None
    entry: Maps
    entry_read: tuple[bool, ...] | None
    old: Maps
    new: Maps


class _Swap:
    """A swap in a config whose old and new maps are known."""

    def __init__(
        self, cfg: Config, backbone: dict, old: HostFeatures, ours: Maps
    ) -> None:
        self.cfg, self.backbone = cfg, backbone
        self.scope = cfg.default_scope
        self.old, self.with_token = old
        self.ours = ours
        self.segments = 'decode_head' in cfg.model
        self.old_necks = self._run_old_necks()
        self.old_read = (
            self.old_necks[0][1] if self.old_necks else levels_read(cfg.model, self.old)
        )

    def suits_native(self) -> bool:
        """Tells whether ``'auto'`` takes the maps as they are."""
        if self.with_token:
            return False
        try:
            path = self._adapt_necks(ChangeLog(), pyramid=False)
        except SwapError:  # the neck cannot take these maps; a pyramid suits it
            return False
        if not self.segments:
            return _strides(path.old) == _strides(path.new)
        if not self._reads_several():
            return True
        read = zip(self.old, self.old_read, strict=True)
        used = [each.stride for each, is_read in read if is_read]
        # LRASPP reads strides 2 to 8; at 8 to 32 it finds too little to pool.
        near = used[0] * 2 >= self.ours[0].stride
        return near and used == sorted(set(used))

    def run(self, pyramid: bool) -> tuple[Config, list[Change]]:
        """Makes the new config."""
        log, cfg = ChangeLog(), deepcopy(self.cfg)
        model = cfg.model
        log.set(model, 'model', 'backbone', self.backbone)
        for name in ('pretrained', 'init_cfg'):  # weights of the old backbone
            if model.get(name) is not None:
                log.set(model, 'model', name, None)
        path = self._adapt_necks(log, pyramid)
        if path.neck is not None:
            model['neck'] = path.neck
        if self.old_necks and not self.segments and len(path.old) != len(path.new):
            raise SwapError(
                'model.neck',
                f'{len(path.new)} levels with these maps',
                f'{len(path.old)}, what the heads were written for; use '
                "strides='pyramid'",
            )
        adapter = Adapter(path.old, path.new, self.scope, log)
        for key, head in heads_of(model):
            adapter.adapt_head(head, key)
        read = path.entry_read or levels_read(model, path.entry)
        if not self._reads_finest(path.entry, read):
            # The last blocks of the UNet get no gradient then, which DDP must know.
            log.set(cfg, '', 'find_unused_parameters', True)
        adapt_common_entries(cfg, log)
        return cfg, log.changes

    def _run_old_necks(self) -> list[tuple[Maps, tuple[bool, ...]]]:
        """Runs every neck of the host: the maps it gives, and which ones it uses."""
        results, maps = [], self.old
        for key, neck in _necks(self.cfg.model):
            maps, used = run_neck(neck, maps, self.scope, key)
            results.append((maps, used))
        return results

    def _reads_several(self) -> bool:
        """Tells whether one module reads several levels, which must then differ."""
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

    def _adapt_necks(self, log: ChangeLog, pyramid: bool) -> _Path:
        """Adapts the necks one after another, each to the output of the one before."""
        necks = deepcopy(_necks(self.cfg.model))
        old, new = self.old, self.ours
        levels = self._pyramid() if pyramid else None
        if levels is not None:
            new = tuple(self._level(stride) for stride in levels['strides'])
            log.set(dict(self.cfg.model), 'model', 'neck', levels)
        entry, reads = new, []
        for (key, neck), (given, _) in zip(necks, self.old_necks, strict=True):
            if levels is not None:
                key = key.replace('model.neck', 'model.neck.neck', 1)
            Adapter(old, new, self.scope, log).adapt_neck(neck, key)
            if levels is None and neck.get('start_level'):
                # The host's finest maps are too fine for this neck; ours are not.
                log.set(neck, key, 'start_level', 0)
            old, (new, read) = given, run_neck(neck, new, self.scope, key)
            reads.append(read)
        plain = [neck for _, neck in necks]
        neck = plain[0] if len(plain) == 1 else plain or None
        if levels is not None:
            neck = levels if neck is None else levels | dict(neck=neck)
        return _Path(neck, entry, reads[0] if reads else None, old, new)

    def _pyramid(self) -> dict[str, Any] | None:
        """Writes the neck that gives the old strides; None if ours are the same."""
        native = _strides(self.ours)
        strides = [
            # A map that nothing reads gets no parameters. Without gradient, they would
            # stop distributed training.
            each.stride if is_used else max(each.stride, native[0])
            for each, is_used in zip(self.old, self.old_read, strict=True)
        ]
        if strides == native and not self.with_token:
            return None
        neck = dict(
            type='StridePyramidNeck',
            in_channels=[each.channels for each in self.ours],
            in_strides=native,
            strides=strides,
        )
        return neck | dict(with_token=True) if self.with_token else neck

    def _level(self, stride: int) -> FeatureInfo:
        """Returns the map of a pyramid's level."""
        finer = [each for each in self.ours if each.stride <= stride]
        return FeatureInfo((finer or [self.ours[0]])[-1].channels, stride)


def _necks(model: Mapping) -> list[tuple[str, dict]]:
    """Lists the necks that follow one another, with their dotted keys."""
    necks = model.get('neck')
    if not necks:
        return []
    if isinstance(necks, (list, tuple)):
        return [(f'model.neck.{index}', neck) for index, neck in enumerate(necks)]
    return [('model.neck', necks)]


def _strides(maps: Maps) -> list[int]:
    return [each.stride for each in maps]
