_base_ = [
    '../_base_/models/vermouth_sd15_text_fpn.py',
    '../_base_/datasets/ade20k_vermouth_oracle.py',
    '../_base_/schedules/vermouth_8k.py',
    '../_base_/open_vocabulary_runtime.py',
]
# As released, for reproduction only: the prompts name the classes of the annotation,
# also of the pictures that are tested. `oracle=True` says so, and the log.
model = dict(
    data_preprocessor=dict(text_key='oracle_caption', oracle=True),
    decode_head=dict(num_classes=150, dataset='ADE20KDataset'),
)
