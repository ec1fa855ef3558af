_base_ = './vpd_sd15_depth.py'
# TADP for depth estimation, as released: VPD's network on scaled latents, prompted with
# a caption of the picture. No attention maps, no adapter.
model = dict(
    data_preprocessor=dict(text_key='caption'),
    backbone=dict(
        prompt=dict(_delete_=True, type='TextPrompt', num_tokens=77),
        latent_scale=0.18215,
        # Released: drawn at test, too.
        latent_sampling='sample_in_training',
    ),
)
