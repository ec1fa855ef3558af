# Needs mmsegmentation; for schedules that count epochs.
_base_ = './default_runtime.py'
log_processor = dict(by_epoch=True)
