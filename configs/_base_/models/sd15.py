# Stable Diffusion 1.5 as the backbone of every model here. Configs that change what the
# backbone returns read its channels from here, instead of repeating the numbers.
channels = [320, 640, 1280, 1280]
model = dict(
    data_preprocessor=dict(
        # RGB in [-1, 1]
        mean=[127.5, 127.5, 127.5],
        std=[127.5, 127.5, 127.5],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='StableDiffusionBackbone',
        arch='sd15',
        pretrained='stable-diffusion-v1-5/stable-diffusion-v1-5',
    ),
)
