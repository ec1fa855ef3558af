"""A page that finds things in pictures, and takes corrections.

Without options it runs on what comes with DiffMM: nothing is downloaded. Only this
machine can open it; --host 0.0.0.0 opens it to all who can reach this machine.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from diffmm.agents.options import add_proposer_options, build_proposer
from diffmm.apis import ReferringPredictor
from diffmm.page.examples import draw_examples
from diffmm.page.files import PageFiles
from diffmm.page.models import PageModels
from diffmm.page.pictures import MB, PictureLimits
from diffmm.utils.command_line import port_number, positive_int, run_main


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--config', help="of a referring perceptor (default: the shipped checkpoint's)"
    )
    parser.add_argument('--checkpoint', type=Path, help='its trained weights')
    parser.add_argument('--host', default='127.0.0.1', help='default: %(default)s')
    parser.add_argument(
        '--port',
        type=port_number,
        default=7860,
        help='0 takes a free one (default: %(default)s)',
    )
    parser.add_argument(
        '--max-mb', type=float, default=20, help='of an upload (default: %(default)s)'
    )
    parser.add_argument(
        '--max-waiting',
        type=positive_int,
        default=16,
        help='requests that wait; more are refused (default: %(default)s)',
    )
    parser.add_argument(
        '--captioner', default='mini-captioner', help='of the agent: a hub id or folder'
    )
    parser.add_argument('--device', default='cpu', help='"cpu" (default) or "cuda:0"')
    add_proposer_options(parser)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Serve the page until it is interrupted."""
    args = parse_args(argv)
    try:
        # They need gradio, which not everybody has installed.
        from diffmm.page.page import Page
        from diffmm.page.server import serve
    except ModuleNotFoundError as error:
        if error.name != 'gradio':
            raise
        raise SystemExit(
            'web_demo: the page needs gradio, which is not installed: '
            'pip install "diffmm[demo]"'
        ) from error
    trained = dict(config=args.config, checkpoint=args.checkpoint)
    trained = {name: value for name, value in trained.items() if value is not None}
    try:
        if len(trained) == 1:
            raise ValueError('--config and --checkpoint belong together; give both')
        predictor = ReferringPredictor(**trained, device=args.device)
        models = PageModels(
            predictor, build_proposer(args), args.captioner, args.device
        )
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'web_demo: {error}') from error
    files = PageFiles(PictureLimits(max_bytes=round(args.max_mb * MB)))
    try:
        page = Page(models, files, draw_examples())
        serve(page, files, args.host, args.port, args.max_waiting)
    except OSError as error:
        raise SystemExit(f'web_demo: {error}') from error
    finally:
        files.remove()


if __name__ == '__main__':
    run_main(main)
