# What a prediction is brought back to the size of its picture by.
shape_keys = (
    'ori_shape',
    'img_shape',
    'pad_shape',
    'scale_factor',
    'flip',
    'flip_direction',
)
