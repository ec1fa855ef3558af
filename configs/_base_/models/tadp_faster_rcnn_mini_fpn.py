_base_ = ['./tadp_faster_rcnn_sd15_fpn.py', './mini_faster_rcnn.py']
num_classes = 6
channels = _base_.mini_channels
# Anchors of 16 to 128 pixels.
model = _base_.mini_faster_rcnn
model.neck.in_channels = [32, 64 + _base_.num_tokens, 128 + _base_.num_tokens, 128]
model.roi_head.bbox_head.num_classes = num_classes
