_base_ = [
    '../_base_/models/mini_captioner.py',
    '../_base_/datasets/mini_world_plain_captions.py',
    '../_base_/schedules/mini_captioner_1k.py',
    '../_base_/generation_runtime.py',
]
val_evaluator = dict(type='CaptionNouns', nouns=_base_.nouns)
test_evaluator = val_evaluator
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='TrainableEMAHook', momentum=0.01),
]
