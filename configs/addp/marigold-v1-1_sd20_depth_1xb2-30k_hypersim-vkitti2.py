_base_ = './marigold-v1-0_sd20_depth_1xb2-30k_hypersim-vkitti2.py'
# The schedule ends in pure noise, where a test of one step begins.
model = dict(
    objective=dict(
        schedule=dict(rescale_betas_zero_snr=True, timestep_spacing='trailing')
    ),
    sampler=dict(steps=1),
)
