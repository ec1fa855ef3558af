"""Mini configs, what they are siblings of, and how they may differ."""

# The mini sibling of a configuration, and the full-size one it must agree with.
MINI = 'vpd_mini_fpn_1xb8-1k_mini-ade20k-128x128'
FULL_OF_MINI = {
    MINI: 'vpd_sd15_fpn_8xb2-80k_ade20k-512x512',
    'vpd_mini-a64_fpn_1xb8-1k_mini-ade20k-128x128': (
        'vpd_sd15-a64_fpn_8xb2-80k_ade20k-512x512'
    ),
    'vpd_mini_lavt_1xb8-2e_mini-refcoco-128x128': (
        'vpd_sd15_lavt_4xb8-40e_refcoco-512x512'
    ),
    'vpd_mini_depth_1xb8-2e_mini-nyu-96x96': 'vpd_sd15_depth_3xb8-25e_nyu-480x480',
    'faster-rcnn_mini_fpn_1xb8-1e_mini-coco-128x128': (
        'faster-rcnn_sd15_fpn_8xb2-12e_coco'
    ),
    'td-hm_mini_1xb16-2e_mini-coco-128x96': 'td-hm_sd15_8xb32-210e_coco-256x192',
    'meta-prompts_mini_upernet_1xb8-400_mini-ade20k-128x128': (
        'meta-prompts_sd15_upernet_8xb1-80k_ade20k-512x512'
    ),
    'meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-128x128': (
        'meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024'
    ),
    'meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96': (
        'meta-prompts_sd15_depth_3xb8-25e_nyu-480x480'
    ),
    'meta-prompts_mini_depth_1xb8-1e_mini-kitti-96x96': (
        'meta-prompts_sd15_depth_3xb8-25e_kitti-352x352'
    ),
    'meta-prompts_mini_td-hm_1xb16-2e_mini-coco-128x96': (
        'meta-prompts_sd15_td-hm_8xb8-210e_coco-576x448'
    ),
}
FULL_OF_MINI |= {
    f'{MINI}_{row}': f'vpd_sd15_fpn_8xb2-8k_ade20k-512x512_{row}'
    for row in ('no-prompt', 'prompt', 'adapter', 'mid', 'down', 'up')
}
# The paper's rows are on Cityscapes; the mini ones on ADE20K, which shows more classes.
META_PROMPTS_ROWS = {
    'meta-prompts_mini_upernet_1xb8-400_mini-ade20k-128x128': (
        'meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024'
    ),
    'meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96': (
        'meta-prompts_sd15_depth_3xb8-25e_nyu-480x480'
    ),
}
FULL_OF_MINI |= {
    f'{mini}_{row}': f'{full}_{row}'
    for mini, full in META_PROMPTS_ROWS.items()
    for row in (
        '1-step',
        '2-steps',
        'no-rearrangement',
        'fixed-timestep',
        'label',
        'null-text',
    )
}
# All that a mini sibling may change: sizes, paths, schedule, and the head's norm.
MINI_MAY_CHANGE = (
    'classes',
    'num_classes',
    'crop_size',
    'kb_crop_size',
    'scale',
    'codec',
    'norm_cfg',
    'num_tokens',
    'num_prompts',
    'width',
    '_unet',
    'dataset_type',
    'dataset',
    'data_root',
    'train_pipeline',
    'test_pipeline',
    'tta_pipeline',
    'train_dataloader.batch_size',
    'train_dataloader.num_workers',
    'train_dataloader.dataset',
    'val_dataloader',
    'test_dataloader',
    'optim_wrapper.optimizer.lr',
    'optim_wrapper.paramwise_cfg.custom_keys',
    'param_scheduler',
    'train_cfg',
    'default_hooks.logger.interval',
    'default_hooks.checkpoint.interval',
    'custom_hooks',
    'auto_scale_lr.base_batch_size',
    'env_cfg',
    'model.data_preprocessor.size',
    'model.backbone.arch',
    'model.backbone.pretrained',
    'model.backbone.latent_scale',
    'model.backbone.attention.max_size',
    'model.backbone.attention_scale',
    'model.backbone.prompt.num_tokens',
    'model.backbone.gradient_checkpointing',
    'model.backbone.autocast',
    'model.backbone.prompt.num_prompts',
    'model.backbone.prompt.dataset',
    'model.backbone.prompt.classes',
    'model.neck.in_channels',
    'model.neck.out_channels',
    'model.neck.neck.in_channels',
    'model.neck.neck.width',
    'model.neck.neck.hidden_channels',
    'model.input_scale',
    'val_evaluator.crop_type',
    'test_evaluator.crop_type',
    'model.decode_head.embed_dim',
    'model.decode_head.feature_dim',
    'model.decode_head.num_deconv_filters',
    'model.decode_head.in_channels',
    'model.decode_head.channels',
    'model.decode_head.num_classes',
    'model.decode_head.norm_cfg',
    'model.decode_head.feature_scale',
    # A short schedule has no time to leave the released start, a thousandth.
    'model.decode_head.init_cfg',
    # Released as 0 on ADE20K and 0.1 on Cityscapes.
    'model.decode_head.dropout_ratio',
    'model.auxiliary_head.in_channels',
    'model.auxiliary_head.channels',
    'model.auxiliary_head.num_classes',
    'model.auxiliary_head.norm_cfg',
    'model.rpn_head.in_channels',
    'model.rpn_head.feat_channels',
    'model.rpn_head.anchor_generator.scales',
    'model.roi_head.bbox_roi_extractor.out_channels',
    'model.roi_head.bbox_roi_extractor.finest_scale',
    'model.roi_head.bbox_head.in_channels',
    'model.roi_head.bbox_head.fc_out_channels',
    'model.roi_head.bbox_head.num_classes',
    'model.train_cfg.rpn_proposal',
    'model.train_cfg.rcnn.sampler.num',
    'model.head.in_channels',
    'model.head.deconv_out_channels',
    'model.head.conv_out_channels',
    'model.head.decoder',
    'model.test_cfg',
    'val_evaluator.ann_file',
    'test_evaluator.ann_file',
)
