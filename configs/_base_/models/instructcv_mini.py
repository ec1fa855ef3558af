_base_ = './instructcv_sd15.py'
detection_queries = dict(_base_.detection_queries)
detection_queries['codec'].update(run=8, sigma=6)
head_queries = dict(_base_.head_queries)
head_queries['codec'].update(width=4, run=8, sigma=6)
model = dict(
    arch='mini',
    pretrained='mini',
    vae_dtype='bfloat16',
    queries_per_batch=8,
    # As for mini InstructPix2Pix, see instruct_pix2pix_mini_ris.py.
    condition=dict(scaled=True),
    prompt=dict(type='TrainedTextPrompt', num_tokens=20),
    input_init='zero_target',
    objective=dict(schedule=dict(prediction_type='sample')),
    sampler=dict(steps=4),
    guidance=dict(text=1.0, image=1.0),
    gradient_checkpointing=False,
)
