_base_ = '../captioner/mini_words.py'
# What `mini` sees in a picture, and a small BERT that puts it into words.
model = dict(
    type='ImageCaptioner',
    words=_base_.words,
    size=128,
    nouns=_base_.nouns,
    # What mini sees, asked for every noun.
    encoder=dict(
        model_type='diffusion-vision',
        pretrained='mini',
        names=_base_.nouns,
        image_size=128,
        hidden_size=128,
        kept_pictures=8000,  # all 4,000 scenes, and mirrored
    ),
    decoder=dict(
        model_type='bert',
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=512,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    ),
)
