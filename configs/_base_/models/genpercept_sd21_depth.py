_base_ = './marigold_sd20_depth.py'
# GenPercept: one step from the image itself, which its schedule takes for pure noise.
model = dict(
    type='OneStepPerceptor',
    pretrained='stabilityai/stable-diffusion-2-1',
    condition=dict(_delete_=True, type='ImageInput'),
    timestep=1,
    clamp=False,
    objective=dict(
        _delete_=True,
        schedule=dict(prediction_type='v_prediction', trained_betas=[1.0] * 1000),
    ),
    sampler=None,
    losses=dict(
        squared=dict(type='SquaredDepthLoss'),
        aligned=dict(type='AlignedDepthLoss', positive=True, loss_weight=0.5),
        # Released: the differences of rows alone, by mistake.
        gradient=dict(type='DepthGradientLoss', loss_weight=2.0),
    ),
)
