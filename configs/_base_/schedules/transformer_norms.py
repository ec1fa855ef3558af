# Names of the norms in the UNet's transformers, as `custom_keys` match them. Norms of
# residual blocks have other names.
transformer_norms = (
    'attentions.0.norm.',
    'attentions.1.norm.',
    'attentions.2.norm.',
    'transformer_blocks.0.norm',
)
