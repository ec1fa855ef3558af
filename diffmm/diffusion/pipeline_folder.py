"""Models as diffusers folders."""

from __future__ import annotations

import copy
import inspect
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from diffusers import DiffusionPipeline, StableDiffusionPipeline
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import PreTrainedTokenizerBase

from .text_encoder import TextEncoder, text_tower
from .tokenizer import load_tokenizer
from .weights import WeightsError, named_folder, read_words
from .weights.low_rank_file import LowRankWeights
from .weights.prior_source import add_words

_TEXT_PREFIX = 'text_model.'


def read_pipeline_folder(name: str | Path) -> StableDiffusionPipeline:
    """Reads a pipeline of diffusers.

    Args:
        name: ``'mini'`` or a diffusers folder.

    Returns:
        The pipeline.

    Raises:
        WeightsError: There is none.
    """
    folder = named_folder(name)
    if not (folder / 'model_index.json').is_file():
        raise WeightsError(
            f'{folder} is no diffusers folder: it has no model_index.json'
        )
    return StableDiffusionPipeline.from_pretrained(folder)


def personalize(
    pipeline: StableDiffusionPipeline,
    learned_words: Sequence[str | Path] = (),
    lora: Sequence[str | Path] = (),
) -> None:
    """Teaches a pipeline learned words and low-rank weights.

    Args:
        pipeline: The pipeline, changed in place.
        learned_words: Files or folders of learned words, for `read_words`.
        lora: Files of low-rank weights, for `LowRankWeights`.

    Raises:
        WeightsError: A file is missing, damaged or of another architecture, or a word
            is a token already.
    """
    tower = text_tower(pipeline.text_encoder)
    encoder = TextEncoder(pipeline.text_encoder, tower.config.pad_token_id)
    for path in learned_words:
        add_words(encoder, read_words(path), str(path))
    pipeline.register_modules(tokenizer=load_tokenizer(encoder.words))
    for path in lora:
        changed = LowRankWeights(path).merge('unet', pipeline.unet.state_dict())
        pipeline.unet.load_state_dict(changed)


def write_pipeline_folder(
    pipeline: DiffusionPipeline, folder: Path, half: bool = True
) -> int:
    """Writes a pipeline, readable by diffusers and by DiffMM.

    An interrupted call leaves no folder of this name.

    Args:
        pipeline: The pipeline; its modules are not changed.
        folder: Folder to write; it must not exist.
        half: Write half precision; otherwise that of the modules.

    Returns:
        Its size in bytes.

    Raises:
        FileExistsError: The folder exists.
        ValueError: The text encoder has learned words, which have files of their own.
    """
    folder = Path(folder)
    table = text_tower(pipeline.text_encoder).embeddings.token_embedding
    words = getattr(table, 'words', ())
    if words:
        raise ValueError(
            f'the text encoder has learned {list(words)}, and a folder holds no words: '
            'keep their files, and write a model without them separately'
        )
    if folder.exists():
        raise FileExistsError(f'{folder} exists; remove it or name another folder')
    temporary = folder.with_name(f'.{folder.name}.incomplete')
    shutil.rmtree(temporary, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if half:
        pipeline = _halved(pipeline)
    pipeline.save_pretrained(temporary, safe_serialization=True)
    _write_tokenizer(pipeline.tokenizer, temporary / 'tokenizer')
    _rename_text_encoder(temporary / 'text_encoder' / 'model.safetensors')
    _load_in_float32(temporary / 'text_encoder' / 'config.json')
    temporary.rename(folder)
    return sum(path.stat().st_size for path in folder.rglob('*') if path.is_file())


def _halved(pipeline: DiffusionPipeline) -> DiffusionPipeline:
    """Copies a pipeline with its networks in half precision."""
    components = {
        name: copy.deepcopy(part).half() if isinstance(part, nn.Module) else part
        for name, part in pipeline.components.items()
    }
    # What else a pipeline is built with, such as whether it is checked for safety.
    arguments = inspect.signature(type(pipeline)).parameters
    options = {
        name: value
        for name, value in pipeline.config.items()
        if name in arguments and name not in components
    }
    return type(pipeline)(**components, **options)


def _write_tokenizer(tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Writes vocabulary and merges: smaller, and readable by every version."""
    merges = json.loads((folder / 'tokenizer.json').read_text())['model']['merges']
    (folder / 'tokenizer.json').unlink()
    vocabulary = json.dumps(tokenizer.get_vocab(), ensure_ascii=False)
    (folder / 'vocab.json').write_text(vocabulary, encoding='utf-8')
    lines = [pair if isinstance(pair, str) else ' '.join(pair) for pair in merges]
    text = '\n'.join(['#version: 0.2', *lines, ''])
    (folder / 'merges.txt').write_text(text, encoding='utf-8')


def _rename_text_encoder(path: Path) -> None:
    """Gives the text encoder's parameters the names that they have on the hub.

    transformers 5 reads those and writes shorter ones, which transformers 4 does not
    know.
    """
    tensors = {
        f'{_TEXT_PREFIX}{name.removeprefix(_TEXT_PREFIX)}': tensor
        for name, tensor in load_file(path).items()
    }
    save_file(tensors, path, metadata={'format': 'pt'})


def _load_in_float32(path: Path) -> None:
    """Writes into the text encoder's config that it is to be loaded in float32.

    Otherwise transformers would keep the file's half precision, and the text encoder
    would not fit the other parts, which diffusers loads in float32.
    """
    config = json.loads(path.read_text())
    config.pop('dtype', None)
    config['torch_dtype'] = 'float32'
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + '\n')
