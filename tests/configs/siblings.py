"""What a mini may have of its own: sizes, paths and schedule.

A mini has the modules of its full size. A leaf of the two configs may differ where

- it is a size: whole numbers that do not grow and do not count passes;
- `PATHS`, `SCHEDULE` or `SMALL_NETWORK` name it;
- a pipeline has fewer augmentations: they would need a longer schedule.
"""

from __future__ import annotations

from collections.abc import Iterator

# Where weights and data lie, how many and which classes the data have.
PATHS = {
    *('arch', 'pretrained', 'learned_words', 'load_from'),
    *('data_root', 'data_prefix', 'ann_file', 'bbox_file', 'split_by'),
    *('img_subdir', 'ann_subdir'),
    *('prompt.dataset', 'dataset.dataset', 'decode_head.dataset', 'KeepNouns.tagger'),
    *('num_classes', 'classes', 'class_file', 'metainfo', 'expected_lines'),
    *('indices', 'crop_type'),
    # `mini`'s text has no projection.
    *('num_pictures', 'projection'),
    # Names that were trained, and the sentences of a data set's names.
    *('trained', 'head.template'),
}
# How long, how fast and on what is trained.
SCHEDULE = {
    *('param_scheduler', 'train_cfg', 'auto_scale_lr', 'lr', 'lr_mult', 'interval'),
    *('batch_size', 'shares', 'num_workers', 'env_cfg', 'custom_hooks'),
}
# What a small network on a CPU needs: its own scales, a norm without synchronization, a
# head that starts learning at once, all of its attention maps, no saving of memory, the
# faster of two precisions, for a new word a start that does not name what it shall
# learn, and an expert and a backbone of timm that were trained on its pictures.
SMALL_NETWORK = {
    *('latent_scale', 'attention_scale', 'input_scale', 'feature_scale', 'sigma'),
    *('norm_cfg', 'init_cfg', 'max_size', 'gradient_checkpointing', 'autocast'),
    *('optim_wrapper.enabled', 'vae_dtype', 'initializer'),
    *('expert.source', 'backbone.model'),
}
# What a perceptor that follows a text needs besides, so that 500 iterations show
# something: a target that its VAE keeps, clean latents to predict, the image through
# filters that know images, and a text encoder that learns new words. Guidance is of no
# use so early. It counts iterations, because an epoch is longer than its schedule.
SMALL_INSTRUCT = (
    *('.input_init', '.condition.scaled', '.target_scale'),
    *('.schedule.prediction_type', '.guidance'),
    *('.betas', '.clip_grad', '.by_epoch', '.log_metric_by_epoch'),
)
SAME_PART = {
    'OverlayMaskCodec': 'WhiteMaskCodec',
    'TextPrompt': 'TrainedTextPrompt',
}
# Numbers of passes belong to the method.
PASSES = ('.timestep', '.refinement_steps', '.num_steps')
ALLOWED = tuple(f'.{name}' for name in PATHS | SCHEDULE | SMALL_NETWORK)
AUGMENTATIONS = {
    *('RandomResize', 'RandomCrop', 'PhotoMetricDistortion'),
    *('RandomHalfBody', 'RandomBBoxTransform'),
}
# The same laws: ours needs no further package.
SAME_STEP = {'Albu': 'PhotometricJitter'}
COMPARED = (
    *('model', 'train_dataloader', 'val_dataloader', 'test_dataloader'),
    *('val_evaluator', 'test_evaluator', 'optim_wrapper', 'param_scheduler'),
    *('train_cfg', 'val_cfg', 'test_cfg', 'default_hooks', 'custom_hooks'),
    *('auto_scale_lr', 'env_cfg', 'randomness', 'default_scope', 'log_processor'),
    *('load_from', 'tta_pipeline', 'tta_model'),
)


def violations(full: dict, mini: dict) -> list[str]:
    """Dotted keys in which a mini breaks the rule.

    Args:
        full: The full-size config as plain dicts.
        mini: Its mini sibling.
    """
    both = ({key: cfg.get(key) for key in COMPARED} for cfg in (full, mini))
    found = list(_violations(*both, ''))
    if full['model']['type'] in ('InstructPerceptor', 'GeneralistPerceptor'):
        found = [path for path in found if not _is_of_small_instruct(path, full, mini)]
    return found


def _is_of_small_instruct(path: str, full: dict, mini: dict) -> bool:
    if path in ('.model.codec.type', '.model.prompt.type'):
        part = path.split('.')[2]
        first, second = (cfg['model'][part]['type'] for cfg in (full, mini))
        return SAME_PART.get(first) == second
    return any(f'{key}.' in f'{path}.' for key in SMALL_INSTRUCT)


def _violations(full: object, mini: object, path: str) -> Iterator[str]:
    if full == mini or path.endswith(ALLOWED):
        return
    if isinstance(full, dict) or isinstance(mini, dict):
        full, mini = full or {}, mini or {}
        for key in {*full, *mini}:
            yield from _violations(full.get(key), mini.get(key), f'{path}.{key}')
    elif _is_pipeline(full) and _is_pipeline(mini):
        yield from _pipeline_violations(full, mini, path)
    elif _holds_parts(full) and _holds_parts(mini) and len(full) == len(mini):
        for index, pair in enumerate(zip(full, mini, strict=True)):
            yield from _violations(*pair, f'{path}.{index}')
    elif path.endswith(PASSES) or not _shrinks(full, mini):
        yield path


def _pipeline_violations(full: list, mini: list, path: str) -> Iterator[str]:
    """Every step of the mini is the full size's; what it leaves out is random."""
    rest = list(full)
    for step in mini:
        while rest and step['type'] not in (
            rest[0]['type'],
            SAME_STEP.get(rest[0]['type']),
        ):
            if rest[0]['type'] not in AUGMENTATIONS:
                yield f'{path}.{rest[0]["type"]}'
            rest.pop(0)
        if not rest:
            yield f'{path}.{step["type"]}'
            return
        theirs = rest.pop(0)
        if step['type'] == theirs['type']:
            yield from _violations(theirs, step, f'{path}.{step["type"]}')
    yield from (f'{path}.{s["type"]}' for s in rest if s['type'] not in AUGMENTATIONS)


def _holds_parts(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(v, (dict, list)) for v in value)


def _is_pipeline(value: object) -> bool:
    return (
        _holds_parts(value)
        and isinstance(value[0], dict)
        and str(value[0].get('type')).startswith('LoadImage')
    )


def _shrinks(full: object, mini: object) -> bool:
    """Says whether both are whole numbers, or as many of them, and none grows.

    A full size may leave one to the default of its class.
    """
    if full is None:
        full = mini
    pairs = [(full, mini)]
    if isinstance(full, (list, tuple)) and isinstance(mini, (list, tuple)):
        if len(full) != len(mini):
            return False
        pairs = zip(full, mini, strict=True)
    return all(type(a) is type(b) is int and b <= a for a, b in pairs)
