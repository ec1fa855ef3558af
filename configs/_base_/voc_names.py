# Pascal VOC's classes as TADP writes them into texts, in the order of their labels.
# fmt: off
voc_names = (
    'background', 'airplane', 'bicycle', 'bird', 'boat', 'bottle', 'bus', 'car', 'cat',
    'chair', 'cow', 'dining table', 'dog', 'horse', 'motorcycle', 'person',
    'potted plant', 'sheep', 'sofa', 'train', 'television',
)
# fmt: on
