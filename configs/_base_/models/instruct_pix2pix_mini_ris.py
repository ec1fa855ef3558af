_base_ = './instruct_pix2pix_sd15_ris.py'
# What 500 iterations learn from: masks that survive the VAE well, latents of the
# picture through the pre-trained filters, clean latents to predict, a text encoder that
# learns the words of expressions. See docs/referring.md.
model = dict(
    arch='mini',
    pretrained='mini',
    # A third of a step less on a CPU with AMX; masks pass the VAE equally well.
    vae_dtype='bfloat16',
    codec=dict(type='WhiteMaskCodec'),
    condition=dict(scaled=True),
    # The longest expression of the mini world has 12 words.
    prompt=dict(type='TrainedTextPrompt', num_tokens=16),
    input_init='zero_target',
    # Latents of white masks have a standard deviation of 1.76, those of pictures 1.
    target_scale=0.57,
    objective=dict(schedule=dict(prediction_type='sample')),
    sampler=dict(steps=10),
    guidance=dict(text=1.0, image=1.0, correction=1.0),
    gradient_checkpointing=False,
)
