_base_ = ['../_base_/datasets/loaders.py', '../_base_/generation_runtime.py']
max_iters = 1000
size = 128
scenes = 4000
# fmt: off
nouns = (
    'tree', 'house', 'car', 'boat', 'chair', 'lamp', 'bottle', 'clock', 'person', 'box',
    'flower', 'ball',
)
# All words of the plain captions of the mini world.
words = (
    *nouns, 'trees', 'houses', 'cars', 'boats', 'chairs', 'lamps', 'bottles', 'clocks',
    'people', 'boxes', 'flowers', 'balls', 'two', 'three', 'four', 'five',
    'a', 'and', ',', 'on', 'the', 'under', 'in', 'front', 'of', 'with',
    'short', 'tall', 'mown', 'grass', 'wooden', 'tiled', 'carpeted', 'floor',
    'clear', 'cloudy', 'thin', 'clouds', 'sky',
    'plain', 'brick', 'papered', 'panelled', 'wall',
    'dark', 'night', 'foggy', 'photo', 'watercolor', 'painting', 'comic', 'style',
    'sketch',
)
# fmt: on
model = dict(
    type='ImageCaptioner',
    words=words,
    size=size,
    nouns=nouns,
    # What mini sees, asked for every noun.
    encoder=dict(
        model_type='diffusion-vision',
        pretrained='mini',
        names=nouns,
        image_size=size,
        hidden_size=128,
        kept_pictures=2 * scenes,  # each, and mirrored
    ),
    decoder=dict(
        model_type='bert',
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=512,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    ),
)
# Scenes of a seed that no experiment trains or tests on.
styles = dict(day=0.5, night=0.1, fog=0.1, watercolor=0.1, comic=0.1, sketch=0.1)
dataset = dict(
    type='MiniWorldCaptionDataset',
    seed=4000,
    size=size,
    styles=styles,
    plain_captions=True,
)
train_dataloader = dict(
    batch_size=32,
    num_workers=1,
    collate_fn=dict(type='pseudo_collate'),
    sampler=dict(_delete_=True, type='InfiniteSampler'),
    dataset=dict(**dataset, num_scenes=scenes, split='train', keep_images=True),
)
val_dataloader = dict(
    batch_size=50,
    num_workers=1,
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(**dataset, num_scenes=300, split='val', keep_images=True),
)
test_dataloader = val_dataloader
val_evaluator = dict(type='CaptionNouns', nouns=nouns)
test_evaluator = val_evaluator
optim_wrapper = dict(
    optimizer=dict(lr=3e-3),
    # Words, places and nouns, as in `MuonOptimWrapperConstructor`.
    paramwise_cfg=dict(
        adamw_keys=('cls.predictions.decoder', '.positions', 'presence.')
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, begin=0, end=30, by_epoch=False),
    dict(
        type='CosineAnnealingLR',
        eta_min_ratio=0.01,
        begin=30,
        end=max_iters,
        by_epoch=False,
    ),
]
train_cfg = dict(type='IterBasedTrainLoop', max_iters=max_iters, val_interval=500)
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='TrainableEMAHook', momentum=0.01),
]
auto_scale_lr = dict(enable=False, base_batch_size=32)
