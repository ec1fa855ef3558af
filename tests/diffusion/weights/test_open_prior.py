import fnmatch
import importlib
import json
import shutil
from pathlib import Path

import huggingface_hub
import pytest
import torch
from huggingface_hub.errors import RepositoryNotFoundError
from safetensors.torch import load_file, save_file

from diffmm.diffusion import FeatureUNet, WeightsError, load_architecture, open_prior
from diffmm.diffusion.weights.folder_source import FolderSource
from diffmm.diffusion.weights.single_file_source import SingleFileSource
from tests import parity, tiny

HUB_ID = 'some-owner/some-model.v1_5'
ARCHITECTURE = load_architecture(tiny.ARCHITECTURE)
# The package exports a function of the module's name.
MODULE = importlib.import_module('diffmm.diffusion.weights.open_prior')


@pytest.fixture
def network(monkeypatch):
    return tiny.block_network(monkeypatch)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub whose models are folders; logs what it was asked for."""
    requests = []

    def download(hub_id, revision, allow_patterns):
        requests.append((hub_id, revision, allow_patterns))
        return str(tmp_path / 'model')

    monkeypatch.setattr(MODULE, 'snapshot_download', download)
    return requests


def test_a_folder_needs_no_network(tmp_path, network):
    source = open_prior(tiny.write_folder(tmp_path))
    assert isinstance(source, FolderSource)
    source.load_into(FeatureUNet.build(tiny.UNET), 'unet', ARCHITECTURE)
    source.text_encoder(ARCHITECTURE)
    assert network == []


@pytest.mark.parametrize('suffix', ['.safetensors', '.ckpt'])
def test_a_file_needs_no_network(tmp_path, network, suffix):
    path = tmp_path / f'model{suffix}'
    tensors = parity.original_state_dict()
    save_file(tensors, path) if suffix != '.ckpt' else torch.save(tensors, path)
    source = open_prior(str(path))
    assert isinstance(source, SingleFileSource)
    architecture = load_architecture(parity.ARCHITECTURE)
    unet = FeatureUNet.build(architecture.unet)
    source.load_into(unet, 'unet', architecture)
    assert network == []


def test_the_home_folder_may_be_abbreviated(tmp_path, monkeypatch):
    monkeypatch.setenv('HOME', str(tmp_path))
    tiny.write_folder(tmp_path / 'models' / 'sd')
    source = open_prior('~/models/sd')
    assert source.location == str(tmp_path / 'models' / 'sd')


@pytest.mark.parametrize('name', ['model.ckpt', 'owner/model.safetensors'])
def test_a_missing_file_is_no_hub_id(name, hub):
    with pytest.raises(WeightsError, match=f'{name} does not exist'):
        open_prior(name).state_dict('unet', ARCHITECTURE)
    assert hub == []


@pytest.mark.parametrize('name', ['nonsense', 'a/b/c', 'a b/c', '/no/such/folder', ''])
def test_nonsense_is_quoted(name, hub):
    with pytest.raises(WeightsError, match=f'pretrained={name!r} is no file'):
        open_prior(name)
    assert hub == []


def test_a_hub_id_is_downloaded(tmp_path, hub):
    tiny.write_folder(tmp_path / 'model')
    source = open_prior(HUB_ID)
    assert isinstance(source, FolderSource)
    source.load_into(FeatureUNet.build(tiny.UNET), 'unet', ARCHITECTURE)
    ((hub_id, revision, patterns),) = hub
    assert (hub_id, revision) == (HUB_ID, None)
    # Neither the safety checker, nor the other precisions, nor a single file.
    assert '*/config.json' in patterns
    assert 'unet/diffusion_pytorch_model.safetensors' in patterns
    assert not any(
        'safety' in p or '.bin' in p or 'fp16' in p or p == '*' for p in patterns
    )


class RealisticHub:
    """A repository that hands out what the patterns name, as the hub does."""

    def __init__(self, repository: Path, cache: Path) -> None:
        self.repository, self.cache = repository, cache
        self.fetched: set[str] = set()

    def __call__(self, hub_id, revision, allow_patterns):
        for path in self.repository.glob('*/*'):
            name = str(path.relative_to(self.repository))
            if any(fnmatch.fnmatch(name, pattern) for pattern in allow_patterns):
                self.fetched.add(name)
                (self.cache / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, self.cache / name)
        return str(self.cache)


def write_fp16_only(folder):
    for path in folder.glob('*/*.safetensors'):
        path.rename(path.with_suffix('.fp16.safetensors'))


def write_shards(folder):
    path = folder / 'unet/diffusion_pytorch_model.safetensors'
    tensors = list(load_file(path).items())
    path.unlink()
    weight_map = {}
    for number in (1, 2):
        shard = f'diffusion_pytorch_model-0000{number}-of-00002.safetensors'
        part = dict(tensors[number - 1 :: 2])
        save_file(part, folder / 'unet' / shard)
        weight_map |= dict.fromkeys(part, shard)
    index = folder / 'unet/diffusion_pytorch_model.safetensors.index.json'
    index.write_text(json.dumps(dict(weight_map=weight_map)))


def write_pickles(folder):
    write_mixture(folder)
    for path in folder.glob('*/*.safetensors'):
        torch.save(load_file(path), path.with_suffix('.bin'))
        path.unlink()


def write_mixture(folder):
    path = folder / 'text_encoder/model.safetensors'
    torch.save(load_file(path), folder / 'text_encoder/pytorch_model.bin')
    path.unlink()


@pytest.mark.parametrize(
    'write', [write_fp16_only, write_shards, write_pickles, write_mixture]
)
def test_what_loads_as_a_folder_loads_as_a_hub_id(tmp_path, monkeypatch, write):
    folder = tiny.write_folder(tmp_path / 'repository')
    write(folder)
    # What must not be fetched beside it.
    (folder / 'unet/diffusion_pytorch_model.non_ema.safetensors').write_bytes(b'-')
    hub = RealisticHub(folder, tmp_path / 'cache')
    monkeypatch.setattr(MODULE, 'snapshot_download', hub)
    for name in (str(folder), HUB_ID):
        source = open_prior(name)
        source.load_into(FeatureUNet.build(tiny.UNET), 'unet', ARCHITECTURE)
        source.text_encoder(ARCHITECTURE)
    assert not any('non_ema' in name for name in hub.fetched)


def test_a_revision_and_a_variant_can_be_named(tmp_path, hub):
    folder = tiny.write_folder(tmp_path / 'model')
    write_fp16_only(folder)
    for name in (f'{HUB_ID}@refs/pr/7:fp16', f'{HUB_ID}:fp16', f'{folder}:fp16'):
        source = open_prior(name)
        source.load_into(FeatureUNet.build(tiny.UNET), 'unet', ARCHITECTURE)
    assert [(hub_id, revision) for hub_id, revision, _ in hub] == [
        (HUB_ID, 'refs/pr/7'),
        (HUB_ID, None),
    ]
    with pytest.raises(WeightsError, match='diffusion_pytorch_model.non_ema.safet'):
        open_prior(f'{folder}:non_ema').state_dict('unet', ARCHITECTURE)


@pytest.mark.parametrize('variant', ['non_ema', 'ema', 'fp16'])
def test_a_variant_of_the_unet_alone(tmp_path, monkeypatch, variant):
    """As Stable Diffusion 1.5 has it of ``non_ema``."""
    folder = tiny.write_folder(tmp_path / 'repository')
    plain = folder / 'unet/diffusion_pytorch_model.safetensors'
    other = {name: tensor + 1 for name, tensor in load_file(plain).items()}
    save_file(other, plain.with_name(f'{plain.stem}.{variant}.safetensors'))
    hub = RealisticHub(folder, tmp_path / 'cache')
    monkeypatch.setattr(MODULE, 'snapshot_download', hub)
    monkeypatch.setenv('HOME', str(tmp_path))
    for name in (str(folder), HUB_ID, '~/repository'):
        source = open_prior(f'{name}:{variant}')
        read = source.state_dict('unet', ARCHITECTURE)
        assert all(torch.equal(read[key], value) for key, value in other.items())
        source.state_dict('vae', ARCHITECTURE)
        source.text_encoder(ARCHITECTURE)
        # A variant of another name is no reason to take what has none.
        with pytest.raises(WeightsError, match=r'no weights.*model\.fp61\.safet'):
            open_prior(f'{name}:fp61').state_dict('unet', ARCHITECTURE)
    assert f'unet/{plain.name}' not in hub.fetched


def assert_hub_error(match):
    with pytest.raises(WeightsError, match=match) as error:
        open_prior(HUB_ID)
    message = str(error.value)
    assert repr(HUB_ID) in message
    assert 'give its folder, or one .ckpt / .safetensors file' in message


def test_offline_and_not_in_the_cache(tmp_path, monkeypatch, network):
    monkeypatch.setattr(huggingface_hub.constants, 'HF_HUB_OFFLINE', True)
    monkeypatch.setattr(huggingface_hub.constants, 'HF_HUB_CACHE', str(tmp_path))
    assert_hub_error('the hub cannot be reached')
    assert network == []


@pytest.fixture
def online(monkeypatch):
    """Lets huggingface_hub try; before 1.0 it keeps a session as it was opened."""
    forget_session = getattr(huggingface_hub, 'configure_http_backend', lambda: None)
    monkeypatch.setattr(huggingface_hub.constants, 'HF_HUB_OFFLINE', False)
    forget_session()
    yield
    forget_session()


def test_unreachable(tmp_path, monkeypatch, network, online):
    monkeypatch.setattr(huggingface_hub.constants, 'HF_HUB_CACHE', str(tmp_path))
    assert_hub_error('the hub cannot be reached')
    assert network


def test_in_the_cache(tmp_path, monkeypatch, network):
    """A model that was downloaded once needs no network."""
    monkeypatch.setattr(huggingface_hub.constants, 'HF_HUB_OFFLINE', True)
    monkeypatch.setattr(huggingface_hub.constants, 'HF_HUB_CACHE', str(tmp_path))
    cached = tmp_path / f'models--{HUB_ID.replace("/", "--")}'
    tiny.write_folder(cached / 'snapshots' / ('0' * 40))
    (cached / 'refs').mkdir()
    (cached / 'refs' / 'main').write_text('0' * 40)
    source = open_prior(HUB_ID)
    source.load_into(FeatureUNet.build(tiny.UNET), 'unet', ARCHITECTURE)
    assert network == []


@pytest.mark.parametrize('error', [OSError('no route'), ValueError('no route')])
def test_other_failures_of_the_download(monkeypatch, error):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(MODULE, 'snapshot_download', fail)
    assert_hub_error('no route')


def test_unknown_hub_id(monkeypatch):
    response = type('Response', (), dict(headers={}, request=None, status_code=404))()

    def fail(*arguments, **options):
        raise RepositoryNotFoundError('404 not found', response=response)

    monkeypatch.setattr(MODULE, 'snapshot_download', fail)
    assert_hub_error('404 not found')
