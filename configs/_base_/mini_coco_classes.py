# The classes of the mini world that COCO has; numbers follow this order.
# fmt: off
coco_classes = (
    'person', 'car', 'boat', 'sports ball', 'bottle', 'chair', 'potted plant', 'clock',
)
# fmt: on
