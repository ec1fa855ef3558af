"""Every shipped config: its place in the metafiles, its mini sibling, its own lines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from diffmm.mini_world import MINI_CLASSES
from diffmm.utils.nested import walk
from tests.configs.shipped import PATHS, ROOT, is_mini, load, mini_siblings, plain
from tests.configs.siblings import violations
from tests.differing_keys import differing_keys

FULL = [name for name in PATHS if not is_mini(name)]
# Those of `mini`, of its captioner and of Vermouth's expert have no full size, which is
# pre-trained already.
OWN = ('mini-sd', 'mini-captioner', 'mini-expert')
MINIS = [name for name in PATHS if is_mini(name) and not name.startswith(OWN)]
# Styles of the mini world that no data set of the papers has.
STYLES = ('cityscapes-to-fog', 'mini-day', 'mini-fog')
# Meta Prompts' Table 5 also stands on the mini ADE20K, which shows more classes.
ON_CITYSCAPES = 'meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-128x128'
ON_ADE20K = 'meta-prompts_mini_upernet_1xb8-400_mini-ade20k-128x128'


@pytest.mark.parametrize('folder', sorted({path.parent for path in PATHS.values()}))
def test_metafile_lists_every_config(folder):
    metafile = yaml.safe_load((folder / 'metafile.yml').read_text())
    listed = {model['Config']: model['Name'] for model in metafile['Models']}
    shipped = {
        str(path.relative_to(ROOT)): name
        for name, path in PATHS.items()
        if path.parent == folder
    }
    assert listed == shipped
    for model in metafile['Models']:
        said = model.get('Metadata', {}).get('Iterations')
        if said is not None:
            config = load(model['Name'])
            steps = config.optim_wrapper.get('accumulative_counts', 1)
            assert config.train_cfg.max_iters == said * steps, model['Name']


def test_every_full_size_has_a_mini_sibling_and_every_mini_a_full_size():
    siblings = mini_siblings()
    assert set(siblings) == set(FULL)
    rows = {name for name in MINIS if name.startswith(f'{ON_ADE20K}_')}
    rows |= {name for name in MINIS if any(style in name for style in STYLES)}
    assert set(MINIS) - set(siblings.values()) == rows


def declared(value: object) -> Iterator[tuple[str, str]]:
    """Pairs of a config and its mini in any depth of a table."""
    if isinstance(value, dict):
        if 'config' in value and isinstance(value.get('mini'), str):
            yield value['config'], value['mini']
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from declared(part)


@pytest.mark.parametrize('path', sorted(ROOT.glob('configs/*/tables.yml')), ids=str)
def test_tables_have_the_siblings_of_the_metafiles(path):
    siblings = mini_siblings()
    for full, mini in declared(yaml.safe_load(path.read_text())):
        assert siblings[full] == mini


@pytest.mark.parametrize(('full', 'mini'), mini_siblings().items())
def test_mini_differs_in_sizes_paths_and_schedule_only(full, mini):
    assert not violations(plain(full), plain(mini))


def test_the_rule_finds_what_a_mini_must_not_change():
    mini = 'vpd_mini_fpn_1xb8-600_mini-ade20k-128x128'
    full, changed = plain('vpd_sd15_fpn_8xb2-8k_ade20k-512x512'), plain(mini)
    changed['model']['backbone']['timestep'] = 0
    changed['model']['neck']['out_channels'] = 512
    changed['model']['decode_head']['dropout_ratio'] = 0.0
    changed['optim_wrapper']['optimizer']['weight_decay'] = 0.0
    pipeline = changed['train_dataloader']['dataset']['pipeline']
    pipeline[2] = dict(type='RandomFlip', prob=0.1)
    del pipeline[1]
    assert sorted(violations(full, changed)) == [
        '.model.backbone.timestep',
        '.model.decode_head.dropout_ratio',
        '.model.neck.out_channels',
        '.optim_wrapper.optimizer.weight_decay',
        '.train_dataloader.dataset.pipeline.LoadAnnotations',
        '.train_dataloader.dataset.pipeline.RandomFlip.prob',
    ]


def test_full_sizes_of_one_mini_differ_in_sizes_paths_and_schedule_only():
    """So a table may show one mini in the place of several rows."""
    shared: dict[str, list[str]] = {}
    for full, mini in mini_siblings().items():
        shared.setdefault(mini, []).append(full)
    groups = [group for group in shared.values() if len(group) > 1]
    assert groups
    for first, *others in groups:
        for other in others:
            found = (
                violations(plain(a), plain(b))
                for a, b in ((first, other), (other, first))
            )
            assert not min(found, key=len)


@pytest.mark.parametrize('row', [n for n in MINIS if n.startswith(f'{ON_ADE20K}_')])
def test_rows_on_ade20k_change_what_those_on_cityscapes_change(row):
    other = row.replace(ON_ADE20K, ON_CITYSCAPES)
    ours, theirs = (
        {
            key
            for key in differing_keys(plain(name), plain(base))
            if key.startswith(('model', 'train_dataloader', 'val_dataloader'))
        }
        for name, base in ((row, ON_ADE20K), (other, ON_CITYSCAPES))
    )
    prompt = 'model.backbone.prompt'
    named = {f'{prompt}.dataset', f'{prompt}.classes'}
    assert ours - named == theirs - named and ours


@pytest.mark.parametrize('name', MINIS)
def test_variables_of_a_mini_are_its_own_sizes_and_paths(name):
    """Those that a config only composes others with; a dump has them, too."""
    full = {mini: one for one, mini in mini_siblings().items()}
    mini, other = load(name).to_dict(), load(full.get(name, full[ON_CITYSCAPES]))
    for key in ('crop_size', 'kb_crop_size', 'channels', 'width', 'resize', 'affine'):
        assert key not in mini or mini[key] != other.get(key), key
    paths = [
        each
        for each in walk(mini)
        if isinstance(each, str) and each.startswith('data/')
    ]
    assert not [text for text in paths if not text.startswith('data/mini_')]


@pytest.mark.parametrize('name', MINIS)
def test_mini_is_a_list_of_bases_and_few_lines_of_its_own(name):
    lines = [line.strip() for line in PATHS[name].read_text().splitlines()]
    assert sum(bool(line) and not line.startswith('#') for line in lines) <= 25


def test_classes_of_the_mini_world_stand_in_one_place():
    readers = [name for name in PATHS if load(name).get('classes') == MINI_CLASSES]
    assert len(readers) > 10
    text = MINI_CLASSES[-1]
    assert [
        path.name
        for path in sorted(ROOT.glob('configs/**/*.py'))
        # A captioner's words are no classes.
        if path.parent.name != 'captioner'
        and f"'{MINI_CLASSES[0]}'" in path.read_text()
        and text in path.read_text()
    ] == ['mini_classes.py']
