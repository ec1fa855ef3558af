# The expert of minis: it learned photos of the mini world, none of ball, bottle and
# house.
mini_expert = dict(
    _delete_=True,
    type='TimmExpert',
    model='resnet18',
    pretrained='data/mini_expert/sketchy2/epoch_8.pth',
    out_indices=(2, 3, 4),
)
