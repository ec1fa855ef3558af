_base_ = './loaders.py'
# Workers that start anew are seeded anew: a run that resumes at an epoch then draws the
# same crops and sentences as one that was never stopped.
train_dataloader = dict(batch_size=8, persistent_workers=False, drop_last=True)
