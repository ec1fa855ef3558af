_base_ = './sd15.py'
# Meta Prompts' network, as released: three passes of Stable Diffusion 1.5 on unscaled
# latents, prompted with learned embeddings, each pass with a learned time embedding.
# The last pass's maps are projected to the width of the prompts and multiplied by them.
width = 768
model = dict(
    backbone=dict(
        prompt=dict(type='MetaPrompts'),
        refinement_steps=3,
        learned_timesteps=True,
        latent_scale=1.0,  # Stable Diffusion was trained with 0.18215
        attention=None,
        # As released; three passes would take three times the memory.
        gradient_checkpointing=True,
    ),
    neck=dict(
        type='RecurrentRefinementNeck',
        neck=dict(
            type='PromptRearrangementNeck', in_channels=_base_.channels, width=width
        ),
    ),
)
