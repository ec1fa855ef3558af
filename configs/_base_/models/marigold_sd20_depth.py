# Marigold: Stable Diffusion 2 (the 768-pixel model, which predicts velocities) denoises
# a depth map beside the latents of the picture.
model = dict(
    type='DiffusionPerceptor',
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        # RGB in [-1, 1]
        mean=[127.5, 127.5, 127.5],
        std=[127.5, 127.5, 127.5],
        bgr_to_rgb=True,
        pad_val=0,
        seg_pad_val=0,  # unknown depth
        size_divisor=8,
    ),
    arch='sd21',
    pretrained='stabilityai/stable-diffusion-2',
    codec=dict(type='AffineDepthCodec'),
    condition=dict(type='ImageCondition', image_first=True, scaled=True),
    # Begin and end token, no padding.
    prompt=dict(type='NullPrompt', padded=False),
    input_init='halve',
    objective=dict(
        schedule=dict(prediction_type='v_prediction'),
        noise=dict(type='MultiResolutionNoise', strength=0.9),
    ),
    # v1-0, which ADDP builds on.
    sampler=dict(scheduler='DDIMScheduler', steps=50, set_alpha_to_one=False),
    gradient_checkpointing=True,
)
