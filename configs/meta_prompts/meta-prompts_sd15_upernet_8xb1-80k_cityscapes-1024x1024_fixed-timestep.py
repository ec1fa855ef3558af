_base_ = './meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024.py'
# Table 5e: all passes at t = 1, through the sinusoid and the pre-trained MLP.
model = dict(backbone=dict(learned_timesteps=False))
