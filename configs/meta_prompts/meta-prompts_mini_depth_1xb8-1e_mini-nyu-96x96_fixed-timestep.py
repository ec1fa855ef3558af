_base_ = './meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96.py'
# Table 5e: all passes at t = 1, through the sinusoid and the pre-trained MLP.
model = dict(backbone=dict(learned_timesteps=False))
