_base_ = './vpd_sd15_fpn.py'
# TADP with Semantic FPN, as released: VPD's network on scaled latents, prompted with a
# caption of the picture. Every token has an attention map, and there is no adapter.
num_tokens = 77
model = dict(
    data_preprocessor=dict(type='TextSegDataPreProcessor', text_key='caption'),
    backbone=dict(
        prompt=dict(_delete_=True, type='TextPrompt', num_tokens=num_tokens),
        latent_scale=0.18215,
        # Released: drawn at test, too.
        latent_sampling='sample_in_training',
    ),
    neck=dict(in_channels=[320, 640 + num_tokens, 1280 + num_tokens, 1280]),
)
