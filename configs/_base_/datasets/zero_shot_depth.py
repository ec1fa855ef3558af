_base_ = './marigold_depth.py'
# Tested on five sets that Marigold does not train on (its section 4.1; ADDP, Table 1).
# Ground truth keeps its size; predictions are brought back to it.
meta_keys = (*_base_.meta_keys, 'source')
kb_crop_size = (352, 1216)
load = dict(type='LoadImageFromFile')
load_millimeters = dict(type='LoadMetricDepth', depth_rescale_factor=1e-3)
pack = dict(type='PackSegInputs', meta_keys=meta_keys)
resize_756 = dict(type='Resize', scale=(756, 756), keep_ratio=True, backend='pillow')
resize_640 = dict(type='Resize', scale=(640, 640), keep_ratio=True, backend='pillow')
nyu = dict(
    type='NYUDepthListDataset',
    source='nyu',
    data_root='data/nyu',
    data_prefix=dict(img_path='nyu_depth_v2/official_splits/test'),
    ann_file='filenames/nyudepthv2/test_list.txt',
    expected_lines=654,
    test_mode=True,
    pipeline=[load, load_millimeters, pack],
)
kitti = dict(
    type='KITTIDepthListDataset',
    source='kitti',
    data_root='data/kitti',
    ann_file='filenames/eigen_benchmark/test_list.txt',
    # 697 pictures of Eigen's split, less 45 without a depth map.
    expected_lines=652,
    test_mode=True,
    pipeline=[
        load,
        dict(type='LoadMetricDepth', depth_rescale_factor=1 / 256),
        dict(type='KBCrop', crop_size=kb_crop_size),
        pack,
    ],
)
eth3d = dict(
    type='ETH3DDataset',
    source='eth3d',
    data_root='data/eth3d',
    ann_file='filenames/eth3d_filename_list.txt',
    expected_lines=454,
    test_mode=True,
    pipeline=[load, resize_756, dict(type='LoadFloatDepth'), pack],
)
scannet = dict(
    type='ScanNetDepthDataset',
    source='scannet',
    data_root='data/scannet',
    data_prefix=dict(img_path='scannet_val_sampled_800_1'),
    ann_file='filenames/scannet_val_sampled_list_800_1.txt',
    expected_lines=800,
    test_mode=True,
    pipeline=[load, load_millimeters, pack],
)
diode = dict(
    type='DIODEDataset',
    source='diode',
    data_root='data/diode',
    data_prefix=dict(img_path='val'),
    ann_file='filenames/diode_val_all_filename_list.txt',
    expected_lines=771,
    test_mode=True,
    pipeline=[load, resize_640, dict(type='LoadFloatDepth'), pack],
)
test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        ignore_keys=['depth_range', 'classes'],
        datasets=[nyu, kitti, eth3d, scannet, diode],
    )
)
metric = dict(type='AlignedDepthMetric')
# What is not in the mask of the files is 0; all else counts.
every = dict(min_depth_eval=1e-5, max_depth_eval=1e6)
test_evaluator = dict(
    _delete_=True,
    type='BySourceMetric',
    parts=dict(
        nyu=dict(**metric, max_depth_eval=10.0, crop_type='nyu_crop'),
        kitti=dict(
            **metric, min_depth_eval=1e-5, max_depth_eval=80.0, crop_type='eigen_crop'
        ),
        # Its scans are fitted on a coarser grid, and evaluated on all pixels.
        eth3d=dict(**metric, **every, max_align_side=1024),
        scannet=dict(**metric, max_depth_eval=10.0),
        # Only the prediction is limited.
        diode=dict(**metric, **every, clip_range=(0.6, 350.0)),
    ),
)
