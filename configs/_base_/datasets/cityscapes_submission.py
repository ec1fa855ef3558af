# What a config for Cityscapes' test split takes. Only the benchmark's server knows its
# labels; the metric writes the files to upload and needs the package cityscapesscripts.
test_prefix = dict(_delete_=True, img_path='leftImg8bit/test')
submission = dict(
    _delete_=True,
    type='CityscapesMetric',
    output_dir='work_dirs/cityscapes_submission',
    format_only=True,
    keep_results=True,
)
