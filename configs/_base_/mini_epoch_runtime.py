# Needs mmsegmentation; for minis whose schedules count epochs.
_base_ = './mini_runtime.py'
log_processor = dict(by_epoch=True)
