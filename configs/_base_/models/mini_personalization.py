# `mini-styles`, which knows the styles under their own names.
mini_prior = dict(arch='mini', pretrained='pretrained/mini-styles')
