_base_ = './textual_inversion_sd15.py'
model = dict(type='DreamBooth')
