# mmsegmentation's own VPD with nothing but its backbone swapped: its recipe, data set,
# head, loss and metric stay. No package of Stable Diffusion's original code is needed,
# but its pipeline needs albumentations.
_base_ = 'mmseg::vpd/vpd_sd_4xb8-25k_nyu-480x480.py'
custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
model = dict(
    backbone=dict(
        _delete_=True,
        type='StableDiffusionBackbone',
        arch='sd15',
        pretrained='stable-diffusion-v1-5/stable-diffusion-v1-5',
        prompt=dict(
            type='SceneNamePrompt',
            dataset='NYUDataset',
            template='imagenet',
            # Scenes that its exact match does not know.
            unknown='mean',
            adapter=dict(type='TextAdapter', gamma=1e-4),
        ),
        timestep=1,
        latent_scale=1.0,
        attention=None,
        crop_padding=False,
    ),
)
