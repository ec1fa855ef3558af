# The classes of the mini world, in the order of their numbers in ADE20K.
# fmt: off
classes = (
    'wall', 'sky', 'floor', 'tree', 'grass', 'person', 'chair', 'car', 'house',
    'lamp', 'box', 'flower', 'boat', 'bottle', 'ball', 'clock',
)
# fmt: on
