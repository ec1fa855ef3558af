_base_ = [
    './instructcv_sd15_generalist_8xb128-20e_nyu-ade20k-coco.py',
    '../_base_/released_protocol.py',
]
# Measured as InstructCV's released code does, to be put beside published figures: it
# asks about the classes that the annotation shows alone.
tasks = _base_.model.tasks
tasks[1].keep_answers = True
tasks[2].codec.reader = 'released'
model = dict(tasks=tasks)
val_sets = _base_.val_dataloader.dataset.datasets
test_sets = _base_.test_dataloader.dataset.datasets
val_sets[1].pipeline[3].present = True
val_sets[2].pipeline[3].present = True
test_sets[1].pipeline[3].present = True
test_sets[2].pipeline[3].present = True
val_dataloader = dict(dataset=dict(datasets=val_sets))
test_dataloader = dict(dataset=dict(datasets=test_sets))
val_evaluator = dict(_delete_=True, **_base_.released_evaluator)
test_evaluator = dict(val_evaluator)
