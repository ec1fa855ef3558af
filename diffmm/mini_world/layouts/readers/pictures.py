"""Data sets of whole pictures: to retrieve, to classify, to caption."""

from __future__ import annotations

from ..reader import PICTURE_PIPELINE, Part, Reader, parts_by_list

_SKETCHY = ('sketch_tx_000000000000_ready', 'all_photo')


def _retrieval(
    folder: str, sketches: str, photos: str, seen: int, unseen: int, last: str = 'zero'
) -> Reader:
    """Sketches and photos: seen classes to train on, unseen ones to be tested on."""
    parts = {}
    for name, classes, count in (
        ('train', 'cname_cid', seen),
        (last, 'cname_cid_zero', unseen),
    ):
        for kind, version in (('sketches', sketches), ('photos', photos)):
            config = dict(
                ann_file=f'{folder}/{version}_filelist_{name}.txt',
                class_file=f'{folder}/{classes}.txt',
            )
            parts[f'{name} {kind}'] = Part(config, classes=count)
    config = dict(type='SketchRetrievalDataset', pipeline=PICTURE_PIPELINE)
    return Reader(config, parts, per_scene=False)


PICTURES: dict[str, Reader] = {
    'sketchy': _retrieval('zeroshot1', *_SKETCHY, seen=100, unseen=25),
    'sketchy2': _retrieval('zeroshot2', *_SKETCHY, seen=104, unseen=21),
    'tu_berlin': _retrieval(
        'zeroshot', 'png_ready', 'ImageResized_ready', seen=220, unseen=30
    ),
    'quickdraw': _retrieval(
        'zeroshot', 'sketch', 'photo', seen=80, unseen=30, last='val'
    ),
    'coop': Reader(
        dict(
            type='ClassificationSplitDataset',
            ann_file='split_zhou_MiniWorld.json',
            data_prefix=dict(img_path='images'),
            pipeline=PICTURE_PIPELINE,
        ),
        {part: Part(dict(part=part)) for part in ('train', 'val', 'test')},
        per_scene=False,
    ),
    'image_caption': Reader(
        dict(type='ImageCaptionDataset'),
        parts_by_list('{}_captions.jsonl', train=('train', None), val=('val', None)),
    ),
}
