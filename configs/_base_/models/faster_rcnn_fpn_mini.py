_base_ = ['./faster_rcnn_sd15_fpn.py', './mini_faster_rcnn.py']
channels = _base_.mini_channels
# Anchors of 16 to 256 pixels.
model = _base_.mini_faster_rcnn
model.roi_head.bbox_head.num_classes = 8
