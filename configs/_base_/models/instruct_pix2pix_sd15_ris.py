# InstructPix2Pix for referring segmentation, ADDP's baseline: it "edits" the pixels of
# what a text refers to to red, beside the latents of the picture.
model = dict(
    type='InstructPerceptor',
    data_preprocessor=dict(
        type='TextSegDataPreProcessor',
        text_key='expression',
        # RGB in [-1, 1]
        mean=[127.5, 127.5, 127.5],
        std=[127.5, 127.5, 127.5],
        bgr_to_rgb=True,
        pad_val=0,
        seg_pad_val=255,
        size_divisor=8,
    ),
    arch='sd15',
    pretrained='stable-diffusion-v1-5/stable-diffusion-v1-5',
    # Opaque red. The paper says "red"; how opaque is not known.
    codec=dict(type='OverlayMaskCodec'),
    condition=dict(type='ImageCondition', image_first=False, scaled=False),
    prompt=dict(type='TextPrompt', num_tokens=77),
    input_init='zero_image',
    target_sampling='sample',
    dropout=dict(text=0.05, both=0.05, image=0.05),
    objective=dict(schedule=dict(prediction_type='epsilon')),
    # ADDP makes 100 steps (Figure 7). InstructPix2Pix's own sampler, Euler-ancestral,
    # cannot sample models that predict clean latents, as those with augmentation do.
    sampler=dict(scheduler='DDIMScheduler', steps=100, set_alpha_to_one=False),
    # InstructPix2Pix's; the correction is ours.
    guidance=dict(text=7.5, image=1.5, correction=2.5),
    gradient_checkpointing=True,
)
