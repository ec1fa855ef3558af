# fmt: off
nouns = (
    'tree', 'house', 'car', 'boat', 'chair', 'lamp', 'bottle', 'clock', 'person', 'box',
    'flower', 'ball',
)
# All words of the plain captions of the mini world.
words = (
    *nouns, 'trees', 'houses', 'cars', 'boats', 'chairs', 'lamps', 'bottles', 'clocks',
    'people', 'boxes', 'flowers', 'balls', 'two', 'three', 'four', 'five',
    'a', 'and', ',', 'on', 'the', 'under', 'in', 'front', 'of', 'with',
    'short', 'tall', 'mown', 'grass', 'wooden', 'tiled', 'carpeted', 'floor',
    'clear', 'cloudy', 'thin', 'clouds', 'sky',
    'plain', 'brick', 'papered', 'panelled', 'wall',
    'dark', 'night', 'foggy', 'photo', 'watercolor', 'painting', 'comic', 'style',
    'sketch',
)
# fmt: on
