# Text prompts that several experiments share, all with VPD's adapter.
_adapter = dict(type='TextAdapter', gamma=1e-4)
class_name_prompt = dict(type='ClassNamePrompt', template='vpd', adapter=_adapter)
scene_name_prompt = dict(
    type='SceneNamePrompt',
    dataset='NYUDepthListDataset',
    template='imagenet',
    unknown='error',
    adapter=_adapter,
)
caption_prompt = dict(type='TextPrompt', num_tokens=77, adapter=_adapter)
