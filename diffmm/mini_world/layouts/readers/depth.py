"""Data sets with a depth for every pixel."""

from __future__ import annotations

from ..reader import NYU_PIPELINE, Part, Reader, depth_pipeline, parts_by_list

_MILLIMETERS = dict(type='LoadMetricDepth', depth_rescale_factor=1e-3)

DEPTH: dict[str, Reader] = {
    'nyu': Reader(
        dict(type='mmseg.NYUDataset', pipeline=NYU_PIPELINE),
        {
            split: Part(
                dict(
                    data_prefix=dict(
                        img_path=f'images/{folder}',
                        depth_map_path=f'annotations/{folder}',
                    )
                ),
                real,
            )
            for split, folder, real in (('train', 'train', 24231), ('val', 'test', 654))
        },
    ),
    'kitti': Reader(
        dict(
            type='KITTIDepthListDataset',
            pipeline=depth_pipeline(
                type='LoadMetricDepth', depth_rescale_factor=1 / 256
            ),
        ),
        parts_by_list(
            'filenames/eigen_benchmark/{}_list.txt',
            train=('train', 23158),
            val=('test', 652),
        ),
    ),
    'hypersim': Reader(
        dict(type='HypersimDataset', pipeline=depth_pipeline(**_MILLIMETERS)),
        {
            split: Part(
                dict(
                    ann_file=f'filenames/filename_list_{split}_filtered.txt',
                    data_prefix=dict(img_path=split),
                ),
                real,
            )
            for split, real in (('train', 53885), ('val', 7370))
        },
    ),
    'vkitti2': Reader(
        dict(
            type='VirtualKITTI2Dataset',
            pipeline=depth_pipeline(type='LoadMetricDepth', depth_rescale_factor=1e-2),
        ),
        parts_by_list(
            'filenames/vkitti_{}.txt', train=('train', 20148), val=('val', 5364)
        ),
    ),
    'eth3d': Reader(
        dict(type='ETH3DDataset', pipeline=depth_pipeline(type='LoadFloatDepth')),
        parts_by_list('filenames/{}.txt', val=('eth3d_filename_list', 454)),
    ),
    'scannet': Reader(
        dict(
            type='ScanNetDepthDataset',
            data_prefix=dict(img_path='scannet_val_sampled_800_1'),
            pipeline=depth_pipeline(**_MILLIMETERS),
        ),
        parts_by_list('filenames/{}.txt', val=('scannet_val_sampled_list_800_1', 800)),
    ),
    'diode': Reader(
        dict(
            type='DIODEDataset',
            data_prefix=dict(img_path='val'),
            pipeline=depth_pipeline(type='LoadFloatDepth'),
        ),
        parts_by_list('filenames/{}.txt', val=('diode_val_all_filename_list', 771)),
    ),
}
