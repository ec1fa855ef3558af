# The classes of the mini world that VOC has, and the mini world's words for them.
classes = ('background', 'boat', 'bottle', 'car', 'chair', 'person', 'pottedplant')
mini_voc_names = ('background', 'boat', 'bottle', 'car', 'chair', 'person', 'flower')
