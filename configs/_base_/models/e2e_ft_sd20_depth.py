_base_ = './marigold_sd20_depth.py'
# E2E-FT: one step from nothing at the noisiest timestep, trained through the decoder.
model = dict(
    type='OneStepPerceptor',
    timestep=999,
    objective=dict(
        _delete_=True,
        schedule=dict(prediction_type='v_prediction'),
        timesteps=dict(type='UniformTimesteps', begin=999),
    ),
    sampler=None,
    losses=dict(aligned=dict(type='AlignedDepthLoss', meters=True)),
)
