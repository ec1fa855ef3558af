"""Tiny captioning models with random weights, in folders of transformers."""

from __future__ import annotations

from pathlib import Path

import torch
from mmengine.registry import MODELS
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    BertTokenizer,
    Blip2Config,
    Blip2ForConditionalGeneration,
    Blip2Processor,
    BlipConfig,
    BlipForConditionalGeneration,
    BlipImageProcessor,
    BlipProcessor,
    CLIPImageProcessor,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

import diffmm  # noqa: F401

WORDS = ('a', 'and', 'car', 'tree', 'on', 'the', 'grass', 'of', ',', 'sky')
SIZE = 32
_VISION = dict(
    hidden_size=8,
    intermediate_size=8,
    num_hidden_layers=1,
    num_attention_heads=2,
    image_size=SIZE,
    patch_size=16,
)
MINI = dict(
    type='ImageCaptioner',
    words=WORDS,
    size=SIZE,
    max_new_tokens=8,
    encoder=dict(
        model_type='segformer',
        num_encoder_blocks=1,
        depths=(1,),
        hidden_sizes=(8,),
        hidden_size=8,
        num_attention_heads=(2,),
        patch_sizes=(7,),
        strides=(16,),
        sr_ratios=(1,),
        mlp_ratios=(1,),
        reshape_last_stage=False,
    ),
    decoder=dict(
        model_type='bert',
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    ),
)


def write_mini(folder: Path) -> Path:
    """That of DiffMM."""
    torch.manual_seed(0)
    MODELS.build(MINI).save_pretrained(folder)
    return folder


def write_blip(folder: Path) -> Path:
    """BLIP."""
    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    special = ('[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '[DEC]', '[ENC]')
    (folder / 'vocab.txt').write_text('\n'.join((*special, *WORDS)) + '\n')
    tokenizer = BertTokenizer.from_pretrained(folder)
    config = BlipConfig(
        vision_config=_VISION,
        text_config=dict(
            vocab_size=len(tokenizer),
            hidden_size=8,
            encoder_hidden_size=8,
            intermediate_size=8,
            num_hidden_layers=1,
            num_attention_heads=2,
            bos_token_id=5,
            sep_token_id=3,
            eos_token_id=3,
            pad_token_id=0,
        ),
        projection_dim=8,
    )
    BlipForConditionalGeneration(config).save_pretrained(folder)
    _processor(BlipProcessor, tokenizer).save_pretrained(folder)
    return folder


def write_blip2(folder: Path) -> Path:
    """BLIP-2 with OPT, as TADP has it."""
    torch.manual_seed(0)
    words = ('<s>', '<pad>', '</s>', '<unk>', '<image>', *WORDS)
    tokenizer = _word_tokenizer(words)
    config = Blip2Config(
        vision_config=_VISION,
        qformer_config=dict(
            vocab_size=8,
            hidden_size=8,
            encoder_hidden_size=8,
            intermediate_size=8,
            num_hidden_layers=1,
            num_attention_heads=2,
        ),
        text_config=dict(
            model_type='opt',
            vocab_size=len(words),
            hidden_size=8,
            word_embed_proj_dim=8,
            ffn_dim=8,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=128,
            bos_token_id=0,
            pad_token_id=1,
            eos_token_id=2,
        ),
        num_query_tokens=2,
        image_token_index=4,
    )
    Blip2ForConditionalGeneration(config).save_pretrained(folder)
    _processor(Blip2Processor, tokenizer, num_query_tokens=2).save_pretrained(folder)
    return folder


def _processor(kind: type, tokenizer, **options):
    size = dict(height=SIZE, width=SIZE)
    return kind(BlipImageProcessor(size=size), tokenizer, **options)


def write_llava(folder: Path) -> Path:
    """LLaVA, which has to be asked."""
    torch.manual_seed(0)
    words = ('<s>', '<pad>', '</s>', '<unk>', '<image>', 'USER', 'ASSISTANT', *WORDS)
    tokenizer = _word_tokenizer(words)
    tokenizer.add_special_tokens(dict(additional_special_tokens=['<image>']))
    config = LlavaConfig(
        vision_config=dict(model_type='clip_vision_model', **_VISION),
        text_config=dict(
            model_type='llama',
            vocab_size=len(words),
            hidden_size=8,
            intermediate_size=8,
            num_hidden_layers=1,
            num_attention_heads=2,
            bos_token_id=0,
            pad_token_id=1,
            eos_token_id=2,
        ),
        image_token_index=4,
        vision_feature_layer=-1,
        vision_feature_select_strategy='default',
    )
    LlavaForConditionalGeneration(config).save_pretrained(folder)
    size = dict(height=SIZE, width=SIZE)
    images = CLIPImageProcessor(size=size, crop_size=size)
    LlavaProcessor(
        images,
        tokenizer,
        patch_size=16,
        vision_feature_select_strategy='default',
        num_additional_image_tokens=1,
        chat_template=_CHAT,
    ).save_pretrained(folder)
    return folder


# LLaVA 1.5's.
_CHAT = (
    '{% for message in messages %}USER {% for part in message.content %}'
    '{% if part.type == "image" %}<image>{% else %} {{ part.text }}{% endif %}'
    '{% endfor %}{% endfor %} ASSISTANT'
)


def _word_tokenizer(words: tuple[str, ...]) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(words)}, unk_token='<unk>')
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token='<s>',
        eos_token='</s>',
        pad_token='<pad>',
        unk_token='<unk>',
    )


WRITERS = {'mini': write_mini, 'blip': write_blip, 'blip-2': write_blip2}
