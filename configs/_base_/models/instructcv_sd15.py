# InstructCV: Stable Diffusion 1.5 is trained as InstructPix2Pix is, on instructions
# that name a task and a class.
depth_queries = dict(
    type='DepthQueries', codec=dict(type='MetricDepthCodec', max_depth=10.0)
)
segmentation_queries = dict(
    type='SegmentationQueries',
    dataset='ADE20KDataset',
    codec=dict(type='WhiteMaskCodec'),
)
detection_queries = dict(
    type='DetectionQueries',
    dataset='mmdet.CocoDataset',
    codec=dict(type='BoxOutlineCodec', color='blue', width=4, run=20, sigma=30),
)
breed_queries = dict(
    type='ClassificationQueries',
    colors=('red', 'blue'),
    codec=dict(type='AnswerColorCodec'),
)
head_queries = dict(
    type='DetectionQueries',
    name='pets',
    classes=('cat', 'dog'),
    codec=dict(type='BoxOutlineCodec', color='blue', width=6, run=20, sigma=30),
)
model = dict(
    type='GeneralistPerceptor',
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        # RGB in [-1, 1]
        mean=[127.5, 127.5, 127.5],
        std=[127.5, 127.5, 127.5],
        bgr_to_rgb=True,
        pad_val=0,
        seg_pad_val=0,
        size_divisor=8,
    ),
    arch='sd15',
    pretrained='stable-diffusion-v1-5/stable-diffusion-v1-5',
    tasks=[depth_queries, segmentation_queries, detection_queries],
    queries_per_batch=16,
    condition=dict(type='ImageCondition', image_first=False, scaled=False),
    prompt=dict(type='TextPrompt', num_tokens=77),
    input_init='zero_image',
    target_sampling='sample',
    dropout=dict(text=0.05, both=0.05, image=0.05),
    objective=dict(schedule=dict(prediction_type='epsilon')),
    # Released: Euler-ancestral, which cannot sample models that predict clean latents,
    # as ADDP's do.
    sampler=dict(scheduler='DDIMScheduler', steps=100, set_alpha_to_one=False),
    guidance=dict(text=7.5, image=1.5),
    gradient_checkpointing=True,
)
