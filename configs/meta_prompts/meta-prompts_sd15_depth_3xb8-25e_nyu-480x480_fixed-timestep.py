_base_ = './meta-prompts_sd15_depth_3xb8-25e_nyu-480x480.py'
# Table 5e: all passes at t = 1, through the sinusoid and the pre-trained MLP.
model = dict(backbone=dict(learned_timesteps=False))
