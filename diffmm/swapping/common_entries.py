"""Entries outside of neck and heads that a new backbone changes."""

from __future__ import annotations

from mmengine.config import Config

from .config_keys import ChangeLog

# Images in [-1, 1], as Stable Diffusion's image encoder was trained with.
_NORMALIZATION = dict(mean=[127.5] * 3, std=[127.5] * 3)
# Constructors of the hosts that count the layers of certain backbones; their options.
_LAYER_DECAY = (
    'LayerDecayOptimWrapperConstructor',
    'LayerDecayOptimizerConstructor',
    'LearningRateDecayOptimizerConstructor',
)
_LAYER_DECAY_OPTIONS = ('num_layers', 'decay_rate', 'layer_decay_rate', 'decay_type')


def adapt_common_entries(cfg: Config, log: ChangeLog) -> None:
    """Writes pixel range and imports, and removes a layer-wise learning rate decay.

    Args:
        cfg: The whole config.
        log: Writes it and remembers the changes.
    """
    _set_normalization(cfg, log)
    _remove_layer_decay(cfg, log)
    _set_imports(cfg, log)


def _remove_layer_decay(cfg: Config, log: ChangeLog) -> None:
    """Removes constructors that count the layers of the old backbone.

    Most raise an error for any other backbone; mmpose's would train it at the full
    learning rate.
    """
    wrapper = cfg.get('optim_wrapper') or {}
    if wrapper.get('constructor') not in _LAYER_DECAY:
        return
    log.delete(wrapper, 'optim_wrapper', 'constructor')
    for name in _LAYER_DECAY_OPTIONS:
        paramwise = wrapper.get('paramwise_cfg') or {}
        log.delete(paramwise, 'optim_wrapper.paramwise_cfg', name)


def _set_normalization(cfg: Config, log: ChangeLog) -> None:
    """Makes the preprocessor turn the BGR images of the loaders into RGB in [-1, 1]."""
    for holder, key in ((cfg.model, 'model'), (cfg, '')):
        node = holder.get('data_preprocessor')
        if node is None:
            continue
        key = f'{key}.data_preprocessor'.lstrip('.')
        log.delete(node, key, 'rgb_to_bgr')
        for name, value in _NORMALIZATION.items():
            log.set(node, key, name, list(value))
        log.set(node, key, 'bgr_to_rgb', True)


def _set_imports(cfg: Config, log: ChangeLog) -> None:
    """Adds ``diffmm`` to the config's own imports."""
    imports = dict(cfg.get('custom_imports') or {})
    names = imports.get('imports') or []
    names = [names] if isinstance(names, str) else list(names)
    if 'diffmm' not in names:
        value = imports | dict(
            imports=['diffmm', *names],
            allow_failed_imports=imports.get('allow_failed_imports', False),
        )
        log.set(cfg, '', 'custom_imports', value)
