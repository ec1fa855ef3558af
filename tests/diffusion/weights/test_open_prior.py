import importlib

import huggingface_hub
import pytest
import torch
from huggingface_hub.errors import RepositoryNotFoundError
from safetensors.torch import save_file

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

    def download(hub_id, allow_patterns):
        requests.append((hub_id, allow_patterns))
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
    ((hub_id, patterns),) = hub
    assert hub_id == HUB_ID
    # Neither the safety checker, nor the other precisions, nor a single file.
    assert '*/config.json' in patterns
    assert 'unet/*model.safetensors' in patterns
    assert not any('safety' in p or '.bin' in p or p == '*' for p in patterns)


def test_a_hub_id_with_pickles_only(tmp_path, hub):
    folder = tiny.write_folder(tmp_path / 'model')
    for path in folder.glob('*/*.safetensors'):
        path.rename(path.with_suffix('.other'))
    open_prior(HUB_ID)
    assert [patterns[1] for _, patterns in hub] == [
        'unet/*model.safetensors',
        'unet/*model.bin',
    ]


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
