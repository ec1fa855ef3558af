"""Checks a folder with RefCOCO, RefCOCO+ and RefCOCOg."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

from pycocotools import mask as coco_mask
from tqdm import tqdm

from diffmm.datasets.coco_segmentation import encode_parts
from diffmm.datasets.referring_annotations import GUIDE, ReferringAnnotations
from diffmm.diffusion import load_tokenizer
from diffmm.utils.command_line import Verdict, run_main
from diffmm.utils.text_table import format_table

# Largest number of messages that are printed.
SHOWN = 20
# Tokens to which VPD cuts sentences, with begin and end token.
NUM_TOKENS = {'refcoco': 40, 'refcoco+': 40, 'refcocog': 77}
# References, sentences (None: not published) and pictures of every split.
KNOWN = {
    ('refcoco', 'unc'): dict(
        train=(42404, 120624, 16994),
        val=(3811, 10834, 1500),
        testA=(1975, 5657, 750),
        testB=(1810, 5095, 750),
    ),
    ('refcoco', 'google'): dict(
        train=(40000, None, 19213), val=(5000, None, 4559), test=(5000, None, 4527)
    ),
    ('refcoco+', 'unc'): dict(
        train=(42278, 120191, 16992),
        val=(3805, 10758, 1500),
        testA=(1975, 5726, 750),
        testB=(1798, 4889, 750),
    ),
    ('refcocog', 'umd'): dict(
        train=(42226, 80512, 21899), val=(2573, 4896, 1300), test=(5023, 9602, 2600)
    ),
    ('refcocog', 'google'): dict(train=(44822, 85474, 24698), val=(5000, 9536, 4650)),
}
HEADER = ('data set', 'split', 'refs', 'sentences', 'pictures', 'empty', 'long')
HEADER += ('overlap',)


class SplitReport:
    """Counts of a split.

    Attributes:
        refs: References.
        sentences: Their sentences.
        pictures: Ids of their pictures.
        empty: Sentences without text.
        long: Sentences of more tokens than the limit.
        overlap: References to objects with polygons that overlap.
    """

    def __init__(self) -> None:
        self.refs = self.sentences = 0
        self.pictures: set[int] = set()
        self.empty = self.long = self.overlap = 0

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.refs, self.sentences, len(self.pictures)


class Checker:
    """Checker of the references of one file.

    Args:
        annotations: The data set.
        pictures: Folder of the pictures.
        num_tokens: Limit of a sentence.
    """

    def __init__(
        self, annotations: ReferringAnnotations, pictures: Path, num_tokens: int
    ) -> None:
        self.annotations = annotations
        self.pictures = pictures
        self.num_tokens = num_tokens
        self.reports: dict[str, SplitReport] = defaultdict(SplitReport)
        self.problems: list[str] = []
        self._there: dict[str, bool] = {}

    def run(self, name: str) -> None:
        """Checks every reference, with a progress bar of that name."""
        for ref in tqdm(self.annotations.refs, desc=name, unit='ref'):
            report = self.reports[ref['split']]
            report.refs += 1
            report.pictures.add(ref['image_id'])
            self._check_sentences(ref, report)
            try:
                image, annotation = self.annotations.resolve(ref)
                report.overlap += self._overlaps(image, annotation)
                self._check_picture(image)
            except (KeyError, ValueError) as error:
                self.problems.append(f'{name}, reference {ref["ref_id"]}: {error}')

    def _check_sentences(self, ref: dict, report: SplitReport) -> None:
        texts = [sentence['sent'] for sentence in ref['sentences']]
        report.sentences += len(texts)
        report.empty += sum(not text.strip() for text in texts)
        # A token has at least one byte, so a short text needs no tokenizer.
        texts = [text for text in texts if len(text.encode()) > self.num_tokens - 2]
        if texts:
            tokens = load_tokenizer()(texts).input_ids
            report.long += sum(len(ids) > self.num_tokens for ids in tokens)

    def _overlaps(self, image: dict, annotation: dict) -> bool:
        """Checks the mask, and tells if parts of it overlap."""
        size = image['height'], image['width']
        parts = encode_parts(annotation['segmentation'], *size)
        area = int(coco_mask.area(coco_mask.merge(parts)))
        if not area:
            raise ValueError(f'the mask of object {annotation["id"]} has no pixel')
        return int(coco_mask.area(parts).sum()) > area

    def _check_picture(self, image: dict) -> None:
        path = self.pictures / image['file_name']
        if image['file_name'] not in self._there:
            self._there[image['file_name']] = path.is_file()
        if not self._there[image['file_name']]:
            raise ValueError(f'{path} does not exist; {GUIDE}')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Checks the folders refcoco, refcoco+ and refcocog: counts of each '
        'split, pictures, objects and masks that references point to, and sentences. '
        'Ends with status 1 if something is missing or wrong.'
    )
    parser.add_argument('root', type=Path, help='folder that holds the data sets')
    parser.add_argument(
        '--datasets',
        nargs='+',
        metavar='NAME',
        help=f'folders to check; by default those of {", ".join(NUM_TOKENS)} that are '
        'there',
    )
    parser.add_argument(
        '--images', default='train2014', help='folder of the pictures below the root'
    )
    parser.add_argument(
        '--num-tokens',
        type=int,
        help='largest number of tokens, with begin and end, of a sentence that is not '
        'long; by default 40, and 77 for refcocog',
    )
    parser.add_argument(
        '--any-counts',
        action='store_true',
        help='accept other counts than the published ones: of the mini world, or of a '
        'part of a data set',
    )
    return parser.parse_args(argv)


def find_files(root: Path, names: list[str] | None) -> list[tuple[str, str]]:
    """Pairs of data set and author of the split, for every file of references."""
    found = []
    for name in names or NUM_TOKENS:
        files = sorted((root / name).glob('refs(*).p'))
        if names and not files:
            raise FileNotFoundError(f'{root / name} holds no refs(*).p; {GUIDE}')
        found += [(name, path.stem[len('refs(') : -1]) for path in files]
    if not found:
        raise FileNotFoundError(
            f'{root} holds none of {", ".join(NUM_TOKENS)} with a refs(*).p; {GUIDE}'
        )
    return found


def compare_counts(key: tuple[str, str], reports: dict[str, SplitReport]) -> list[str]:
    """Compares a data set with its published counts."""
    problems = []
    for split, expected in KNOWN.get(key, {}).items():
        counts = reports[split].counts if split in reports else (0, 0, 0)
        names = ('references', 'sentences', 'pictures')
        problems += [
            f'{key[0]} ({key[1]}) {split}: {count} {name}, published are {known}'
            for name, count, known in zip(names, counts, expected, strict=True)
            if known is not None and count != known
        ]
    return problems


def check(args: argparse.Namespace) -> tuple[list[tuple], list[str]]:
    """Checks all data sets: rows of the table, and problems."""
    rows, problems = [], []
    for dataset, split_by in find_files(args.root, args.datasets):
        name = f'{dataset} ({split_by})'
        annotations = ReferringAnnotations.read(args.root / dataset, split_by)
        limit = args.num_tokens or NUM_TOKENS.get(dataset, 77)
        checker = Checker(annotations, args.root / args.images, limit)
        checker.run(name)
        problems += checker.problems
        if not args.any_counts:
            problems += compare_counts((dataset, split_by), checker.reports)
        rows += [
            (name, split, *report.counts, report.empty, report.long, report.overlap)
            for split, report in sorted(checker.reports.items())
        ]
    return rows, problems


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    if args.num_tokens is not None and args.num_tokens < 3:
        sys.exit(
            f'check_refcoco.py: error: --num-tokens must be 3 or more, got '
            f'{args.num_tokens}'
        )
    try:
        rows, problems = check(args)
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f'check_refcoco.py: error: {error}')
    print(format_table(HEADER, [tuple(map(str, row)) for row in rows]))
    if problems:
        print('\n'.join(problems[:SHOWN]))
        raise Verdict(
            f'{len(problems)} problems in {args.root}, '
            f'{min(SHOWN, len(problems))} shown'
        )


if __name__ == '__main__':
    run_main(main)
