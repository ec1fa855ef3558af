"""Segment an image or a folder of them, or estimate depth, and write pictures of it.

The config's model decides: semantic segmentation, referring segmentation (--text names
the thing) or depth estimation (--text names the scene, where the model needs it). A
model of open-vocabulary segmentation takes any --classes. A model that is prompted with
captions gets one with --caption, one that denoises its depth takes --steps and
--ensemble. One that denoises masks takes --not, which names what was not meant.

The images of a folder are predicted in batches. A result that is there already is left
and reported, so a run that was killed continues; with another text, checkpoint or
setting than before it is refused. An image that cannot be used is named, and the exit
code is then 1.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from PIL import Image

from diffmm.apis import (
    DepthPredictor,
    ImageSegmenter,
    ReferringPredictor,
    RelativeDepthPredictor,
    get_config,
    predict_folder,
)
from diffmm.apis.depth import check_png16
from diffmm.apis.image_input import list_images, read_image
from diffmm.apis.relative_depth import UNITS
from diffmm.datasets.captioning import (
    Captioner,
    CaptionerSettings,
    generate_captions,
    read_captions,
)
from diffmm.utils.command_line import Verdict, one_line, positive_int, run_main
from diffmm.utils.host_import import HOST_EXTRAS
from diffmm.utils.picture_file import write_picture
from diffmm.utils.tool_config import add_config_options

DEPTH_MODELS = ('DepthEstimator', 'SlidingDepthEstimator')
STRENGTHS = ('text_strength', 'image_strength', 'correction_strength')
# Models that another script shows, by what they are.
OTHER_SCRIPTS = dict(
    GeneralistPerceptor='demo/generalist_demo.py',
    TextAlignedClassifier='demo/retrieval_demo.py',
)
ONE_STEP_PERCEPTOR, REFERRING_PERCEPTOR = 'OneStepPerceptor', 'InstructPerceptor'
DEPTH_PERCEPTORS = ('DiffusionPerceptor', ONE_STEP_PERCEPTOR)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('img', type=Path, help='a JPEG or PNG file, or a folder')
    parser.add_argument('config', help="the trained model's config")
    parser.add_argument('checkpoint', help="the trained model's checkpoint")
    parser.add_argument(
        '--text',
        help='what to segment ("the red ball left of the tree"), or for depth the '
        'scene ("kitchen"), where the model needs it',
    )
    parser.add_argument(
        '--classes',
        nargs='+',
        metavar='NAME',
        help='names to tell apart, for models of open-vocabulary segmentation '
        '(default: those of the config)',
    )
    parser.add_argument(
        '--caption',
        help='caption of the image, or of all images of a folder, for models that are '
        'prompted with captions; "auto" has --captioner write one for each',
    )
    parser.add_argument(
        '--captioner',
        default='mini-captioner',
        help='"mini-captioner" (default, for the mini world only), a hub id such as '
        'Salesforce/blip2-opt-2.7b, or a folder',
    )
    parser.add_argument(
        '--out-file',
        type=Path,
        help='where to write the picture (default: IMG_segmented.png or IMG_depth.png '
        'in this folder)',
    )
    folders = parser.add_argument_group('folders')
    folders.add_argument(
        '--out-dir',
        type=Path,
        help='where to write the pictures (default: IMG_segmented or IMG_depth in this '
        'folder)',
    )
    folders.add_argument(
        '--batch-size',
        type=positive_int,
        help='images of equal size in a row (default: 4)',
    )
    folders.add_argument(
        '--overwrite', action='store_true', help='predict what is there already, too'
    )
    parser.add_argument(
        '--depth-file', type=Path, help='write the depth as a 16-bit PNG too'
    )
    parser.add_argument(
        '--units-per-meter',
        type=float,
        help="of --depth-file (default: as the config's data set: 1000, millimeters, "
        'for NYUv2, 256 for KITTI; relative depth: 65535 for the far end)',
    )
    denoising = parser.add_argument_group('depth and masks by denoising')
    denoising.add_argument(
        '--steps', type=positive_int, help="number (default: the config's)"
    )
    denoising.add_argument(
        '--ensemble',
        type=positive_int,
        help="predictions to merge (default: the config's)",
    )
    denoising.add_argument(
        '--uncertainty-file', type=Path, help="draw where an ensemble's members differ"
    )
    denoising.add_argument(
        '--denoising-file', type=Path, help='draw the prediction of every step'
    )
    masks = parser.add_argument_group('masks by denoising')
    masks.add_argument(
        '--not',
        dest='corrections',
        action='append',
        metavar='TEXT',
        help='something that was taken for the thing and is not meant; may be repeated',
    )
    masks.add_argument('--seed', type=int, help="of the noise (default: the config's)")
    for name in STRENGTHS:
        masks.add_argument(
            f'--{name.replace("_", "-")}',
            type=float,
            help=f"guidance by the {name.partition('_')[0]} (default: the config's)",
        )
    parser.add_argument('--device', default='cpu', help='"cpu" (default) or "cuda:0"')
    parser.add_argument(
        '--opacity', type=float, default=0.5, help='of the class colors, in (0, 1]'
    )
    parser.add_argument(
        '--max-pixels',
        type=positive_int,
        help='read images of up to twice as many pixels (default: '
        f'{Image.MAX_IMAGE_PIXELS:,}, a guard against files that fill the memory)',
    )
    add_config_options(parser)
    return parser.parse_args(argv)


def segment(args: argparse.Namespace) -> Path:
    """Segment, print the legend, write the picture."""
    segmenter = ImageSegmenter(
        args.config, args.checkpoint, args.device, args.cfg_options
    )
    if args.classes:
        segmenter.set_classes(args.classes)
    segmented = segmenter(args.img, args.text)
    out_file = args.out_file or Path(f'{args.img.stem}_segmented.png')
    segmented.save_overlay(out_file, args.opacity)
    painted = dict(zip(segmented.classes, segmented.painted_names, strict=True))
    for name, share in segmented.shares().items():
        # A name that cannot be painted stands beside its number.
        number = '' if painted[name] == name else f'{painted[name]} '
        print(f'{share:7.2%}  {number}{name}')
    return out_file


def estimate_depth(args: argparse.Namespace) -> Path:
    """Estimate the depth, print its range, write the pictures."""
    predictor = DepthPredictor(
        args.config, args.checkpoint, args.device, args.cfg_options
    )
    units = args.units_per_meter
    if units is None:
        units = predictor.units_per_meter
    if args.depth_file and predictor.max_depth:
        check_png16(args.depth_file, units, predictor.max_depth)
    result = predictor(args.img, args.text)
    out_file = args.out_file or Path(f'{args.img.stem}_depth.png')
    result.save_colored(out_file)
    print(f'{result.depth.min():.2f} m (bright) to {result.depth.max():.2f} m (dark)')
    if args.depth_file:
        result.save_png16(args.depth_file, units)
        print(f'written: {args.depth_file}, {units:g} units per meter')
    return out_file


def check_caption(args: argparse.Namespace, text_key: str | None) -> None:
    """Refuse a caption that the model does not read.

    Raises:
        ValueError: The model is prompted with something else, a text is given too, or
            the caption has no words.
    """
    if args.text is not None:
        raise ValueError('--caption and --text are one and the same; give one')
    if text_key != 'caption':
        raise ValueError(
            f'--caption: the model of {args.config} is prompted with '
            f'{text_key or "nothing of the image"}, not with a caption'
        )
    if not args.caption.strip():
        raise ValueError(
            f'--caption: needs words, got {args.caption!r}; "auto" has them written'
        )


def caption_of(args: argparse.Namespace) -> str:
    """Take the caption of the command line, or have one written.

    Raises:
        ValueError: The captioner cannot be used, or finds no words.
    """
    if args.caption != 'auto':
        return args.caption
    picture = Image.fromarray(read_image(args.img)[..., ::-1])
    (caption,) = Captioner(args.captioner, args.device)([picture])
    if not caption:
        raise ValueError(f'{args.captioner} has no caption for {args.img}; write one')
    print(f'caption: {caption}')
    return caption


def captions_of_folder(args: argparse.Namespace, out_dir: Path) -> dict[str, str]:
    """Have the images of a folder captioned, in a file among the results.

    Captions that the file has stay, so it may be corrected by hand.

    Returns:
        Captions by the names of the images, of those that have one.

    Raises:
        ValueError: The captioner cannot be used, or the file has captions of another.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    path = out_dir / 'captions.json'
    settings = CaptionerSettings(args.captioner, min_new_tokens=0, max_new_tokens=77)
    done = generate_captions(
        list_images(args.img),
        path,
        settings,
        batch_size=batch_size_of(args),
        device=args.device,
    )
    print(f'captions: {path}, {done.written} written, {done.kept} kept')
    entries = read_captions(path) if path.exists() else {}
    return {
        name: entry['captions'][0]
        for name, entry in entries.items()
        if entry['captions']
    }


def batch_size_of(args: argparse.Namespace) -> int:
    """Return how many images of a folder are predicted together."""
    return 4 if args.batch_size is None else args.batch_size


def denoise_depth(args: argparse.Namespace) -> Path:
    """Denoise the depth, in one step or several, print how, write the pictures."""
    units = UNITS if args.units_per_meter is None else args.units_per_meter
    if args.depth_file:
        check_png16(args.depth_file, units, 1.0)
    if args.text is not None:
        raise ValueError('--text: this model is not prompted')
    predictor = RelativeDepthPredictor(
        args.config,
        args.checkpoint,
        args.device,
        args.cfg_options,
        args.steps,
        args.ensemble,
    )
    ensemble = predictor.model.ensemble
    if args.uncertainty_file and ensemble is None:
        raise ValueError('--uncertainty-file: needs --ensemble 2 or more')
    result = predictor(args.img)
    out_file = args.out_file or Path(f'{args.img.stem}_depth.png')
    result.save_colored(out_file)
    print(
        f'relative depth, near (bright) to far (dark); '
        f'{predictor.model.sampler.steps} steps, {ensemble.size if ensemble else 1} '
        'predictions'
    )
    if args.depth_file:
        result.save_png16(args.depth_file, units)
        print(f'written: {args.depth_file}, {units:g} units for the far end')
    if args.uncertainty_file:
        result.save_uncertainty(args.uncertainty_file)
        print(f'written: {args.uncertainty_file}')
    if args.denoising_file:
        drawing = predictor.draw_steps(args.img)
        write_picture(args.denoising_file, drawing[..., ::-1])
        print(f'written: {args.denoising_file}')
    return out_file


def find_thing(args: argparse.Namespace) -> Path:
    """Denoise the mask of what the text refers to, say how large it is, write it."""
    predictor = ReferringPredictor(
        args.config, args.checkpoint, args.device, args.cfg_options
    )
    if args.text is None:
        raise ValueError('--text: say what to find')
    given = {name.partition('_')[0]: getattr(args, name) for name in STRENGTHS}
    given = {name: value for name, value in given.items() if value is not None}
    thing = predictor.find(
        args.img,
        args.text,
        args.corrections or (),
        replace(predictor.model.guidance, **given),
        args.seed,
        args.steps,
    )
    if thing.is_empty:
        print(f'nothing is {args.text!r}; the nearest has a score of {thing.score:.2f}')
    else:
        print(
            f'{thing.mask.mean():.2%} of the image is {args.text!r}, '
            f'score {thing.score:.2f}'
        )
    out_file = args.out_file or Path(f'{args.img.stem}_segmented.png')
    thing.save_overlay(out_file)
    if args.denoising_file:
        write_picture(args.denoising_file, thing.draw_steps()[..., ::-1])
        print(f'written: {args.denoising_file}')
    return out_file


def predict_images(args: argparse.Namespace, kind: str | None) -> Path:
    """Predict the images of a folder, print what became of them.

    Raises:
        Verdict: Some could not be used.
    """
    model = (args.config, args.checkpoint, args.device, args.cfg_options)
    ending = '_depth.png'
    opacity = None
    if kind in DEPTH_PERCEPTORS:
        predictor = RelativeDepthPredictor(*model, args.steps, args.ensemble)
    elif kind in DEPTH_MODELS:
        predictor = DepthPredictor(*model)
    else:
        ending = '_segmented.png'
        referring = kind == REFERRING_PERCEPTOR
        opacity = None if referring else args.opacity
        predictor = (ReferringPredictor if referring else ImageSegmenter)(*model)
    if args.classes:
        predictor.set_classes(args.classes)

    def save(result: object, path: Path) -> None:
        if ending == '_depth.png':
            result.save_colored(path)
        elif opacity is None:
            result.save_overlay(path)
        else:
            result.save_overlay(path, opacity)

    out_dir = args.out_dir or Path(
        args.img.resolve().name + ending.removesuffix('.png')
    )
    text = args.text
    if args.caption is not None:
        automatic = args.caption == 'auto'
        text = captions_of_folder(args, out_dir) if automatic else args.caption
    report = predict_folder(
        predictor,
        args.img,
        out_dir,
        save,
        ending,
        text,
        batch_size_of(args),
        args.overwrite,
        dict(
            classes=args.classes,
            steps=args.steps,
            ensemble=args.ensemble,
            opacity=opacity,
        ),
    )
    print(f'written: {out_dir}, {len(report.written)} pictures')
    if report.skipped:
        print(
            f'left as they were: {len(report.skipped)} pictures that were there, such '
            f'as {report.skipped[0].name} (--overwrite predicts them again)'
        )
    for error in report.failed.values():
        print(f'failed: {one_line(error)}')
    if report.failed:
        raise Verdict(f'image_demo: {len(report.failed)} images failed')
    return out_dir


def main(argv: list[str] | None = None) -> None:
    """Run the config's model on the image."""
    args = parse_args(argv)
    if args.max_pixels:
        Image.MAX_IMAGE_PIXELS = args.max_pixels
    try:
        cfg = get_config(args.config)
        model = cfg.get('model', {})
        kind = model.get('type')
        _refuse_other_models(args.config, kind, cfg.get('default_scope', 'mmseg'))
        _refuse_options(args, kind)
        _refuse_options_of_one_or_many(args, kind)
        text_key = model.get('data_preprocessor', {}).get('text_key')
        if text_key == 'caption' and args.text is None and args.caption is None:
            raise ValueError(
                f'the model of {args.config} is prompted with a caption: --caption '
                'auto has it written, --caption TEXT gives yours'
            )
        if args.caption is not None:
            check_caption(args, text_key)
        if args.img.is_dir():
            predict_images(args, kind)
            return
        if args.caption is not None:
            args.text = caption_of(args)
        run = dict.fromkeys(DEPTH_PERCEPTORS, denoise_depth)
        run |= dict.fromkeys(DEPTH_MODELS, estimate_depth)
        run[REFERRING_PERCEPTOR] = find_thing
        out_file = run.get(kind, segment)(args)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'image_demo: {error}') from error
    print(f'written: {out_file}')


def _refuse_other_models(config: str, kind: str | None, scope: str) -> None:
    """Refuse models that neither segment nor estimate depth."""
    if kind in OTHER_SCRIPTS:
        raise ValueError(f'{config} has a {kind}, which {OTHER_SCRIPTS[kind]} shows')
    if scope in HOST_EXTRAS and scope != 'mmseg':
        raise ValueError(
            f'{config} is an experiment of {scope}, and this script shows those of '
            'mmseg: tools/test.py paints predictions into --show-dir DIR'
        )


def _refuse_options(args: argparse.Namespace, kind: str | None) -> None:
    """Refuse options that the model of the config does not know."""
    if args.depth_file and kind not in DEPTH_PERCEPTORS + DEPTH_MODELS:
        raise ValueError(f'--depth-file: the model of {args.config} has no depth')
    of_depth, of_masks = DEPTH_PERCEPTORS, (REFERRING_PERCEPTOR,)
    if args.classes and kind in of_depth + of_masks + DEPTH_MODELS:
        raise ValueError(f'--classes: the model of {args.config} has no classes')
    if kind == ONE_STEP_PERCEPTOR:
        _refuse_options_of_several_steps(args)
    for kinds, what, names in (
        (of_depth + of_masks, 'its prediction', ('steps', 'denoising_file')),
        (of_depth, 'depth', ('ensemble', 'uncertainty_file')),
        (of_masks, 'masks', ('corrections', 'seed', *STRENGTHS)),
    ):
        for name in names:
            if getattr(args, name) is not None and kind not in kinds:
                option = 'not' if name == 'corrections' else name.replace('_', '-')
                raise ValueError(
                    f'--{option}: the model of {args.config} does not denoise {what}'
                )


def _refuse_options_of_several_steps(args: argparse.Namespace) -> None:
    """Refuse what a model of one step without noise has nothing for."""
    for name in ('steps', 'ensemble', 'uncertainty_file', 'denoising_file'):
        value = getattr(args, name)
        if value is not None:
            raise ValueError(
                f'--{name.replace("_", "-")} {value}: the model of {args.config} '
                'predicts in one step, the same every time; leave the option out'
            )


def _refuse_options_of_one_or_many(args: argparse.Namespace, kind: str | None) -> None:
    """Refuse options of one image for a folder, and the other way round."""
    names = ('out_dir', 'batch_size', 'overwrite')
    if args.img.is_dir():
        names = ('out_file', 'depth_file', 'uncertainty_file', 'denoising_file')
        names += ('corrections', 'seed', *STRENGTHS)
        if kind == REFERRING_PERCEPTOR:
            names += ('steps',)
    for name in names:
        if getattr(args, name) not in (None, False):
            option = 'not' if name == 'corrections' else name.replace('_', '-')
            what = 'one image' if args.img.is_dir() else 'a folder'
            raise ValueError(f'--{option} is for {what}, which {args.img} is not')


if __name__ == '__main__':
    run_main(main)
