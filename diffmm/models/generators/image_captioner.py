"""An image-to-text model of transformers in training."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    PreTrainedTokenizerFast,
    TrOCRProcessor,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTImageProcessor,
)

from diffmm.utils.nouns import MentionedClasses

_SPECIAL = ('<pad>', '<s>', '</s>', '<unk>')
_IGNORED = -100
# Of a caption at most; TADP asks for up to 77 tokens.
_POSITIONS = 128
_NOUNS_WEIGHT = 3.0


@MODELS.register_module()
class ImageCaptioner(BaseModel):
    """A ``transformers.VisionEncoderDecoderModel`` that learns to caption pictures.

    It learns with teacher forcing from the first caption of every picture, and writes
    greedily. The tokens are whole words, so that captions of a small world take few
    steps. `save_pretrained` writes a folder that transformers' auto classes read.

    Half of the training pictures are mirrored: captions must not tell sides. Which
    ones comes from torch's generator, so that ``IterationSeedHook`` makes a resumed
    run repeat it.

    Example:
        >>> model = MODELS.build(dict(
        ...     type='ImageCaptioner', words=['a', 'car', 'tree'], size=32,
        ...     encoder=dict(model_type='segformer', num_encoder_blocks=1, depths=(1,),
        ...         hidden_sizes=(8,), hidden_size=8, num_attention_heads=(2,),
        ...         patch_sizes=(7,), strides=(16,), sr_ratios=(1,), mlp_ratios=(1,),
        ...         reshape_last_stage=False),
        ...     decoder=dict(model_type='bert', hidden_size=8, num_hidden_layers=1,
        ...         num_attention_heads=2, intermediate_size=8)))
        >>> from mmengine.structures import BaseDataElement
        >>> sample = BaseDataElement(metainfo=dict(captions=['a tree']))
        >>> list(model(torch.zeros(1, 3, 32, 32), [sample], mode='loss'))
        ['loss_words']

    Args:
        encoder: Config of the image encoder, ``model_type`` first, one that returns
            tokens: ``'diffusion-vision'`` is `DiffusionVisionModel`, the others are
            transformers' own. An encoder of several stages also needs ``hidden_size``,
            the width of the last.
        decoder: Config of the text decoder, ``model_type`` first.
        words: All words of the captions. Punctuation is a word.
        size: Side of the pictures in pixels; a processor resizes others to it.
        nouns: Names of things. Given any, training has a second loss: whether the
            caption names each, read from the place of the picture that says so most.
            The encoder learns from it what there is before the decoder can tell.
        max_new_tokens: Length at which ``predict`` ends a caption.
        data_preprocessor: As in every mmengine model.

    Raises:
        ValueError: A word occurs twice.
    """

    def __init__(
        self,
        encoder: Mapping,
        decoder: Mapping,
        words: Sequence[str],
        size: int = 128,
        nouns: Sequence[str] = (),
        max_new_tokens: int = 40,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor or dict(type='GenerationDataPreprocessor'))
        self.processor = build_word_processor(words, size, _POSITIONS)
        tokenizer = self.processor.tokenizer
        tokens = dict(
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
        config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(
            AutoConfig.for_model(**encoder),
            AutoConfig.for_model(
                **decoder,
                **tokens,
                vocab_size=len(tokenizer),
                max_position_embeddings=_POSITIONS,
                is_decoder=True,
                add_cross_attention=True,
            ),
        )
        config.update(
            dict(tokens, decoder_start_token_id=tokenizer.bos_token_id)
            | dict(tie_word_embeddings=False)
        )
        self.network = VisionEncoderDecoderModel(config)
        self.network.generation_config.update(
            **tokens,
            decoder_start_token_id=tokenizer.bos_token_id,
            max_new_tokens=max_new_tokens,
        )
        self.nouns = tuple(nouns)
        self._mentioned = MentionedClasses(self.nouns)
        if nouns:
            self.presence = nn.Linear(config.encoder.hidden_size, len(nouns))

    def forward(
        self,
        inputs: Tensor,
        data_samples: Sequence[BaseDataElement],
        mode: str = 'loss',
    ) -> dict[str, Tensor] | list[dict]:
        """Computes the loss of a training step, or captions.

        Args:
            inputs: RGB in [-1, 1], shape (B, 3, size, size).
            data_samples: Per picture an element with ``captions``.
            mode: ``'loss'`` or ``'predict'``.

        Returns:
            The losses, or per picture ``dict(caption=...)``.

        Raises:
            ValueError: The mode is another one.
        """
        if mode == 'loss':
            return self.loss(inputs, [sample.captions[0] for sample in data_samples])
        if mode == 'predict':
            return [dict(caption=text) for text in self.write(inputs)]
        raise ValueError(f"mode must be 'loss' or 'predict', got {mode!r}")

    def loss(self, images: Tensor, captions: Sequence[str]) -> dict[str, Tensor]:
        """Computes the cross-entropy of the next word.

        Args:
            images: RGB in [-1, 1], shape (B, 3, size, size).
            captions: One caption for each.

        Returns:
            ``loss_words``, the mean over words, and with nouns ``loss_nouns``.
        """
        tokenizer = self.processor.tokenizer
        encoded = tokenizer(list(captions), padding=True, return_tensors='pt')
        labels = encoded.input_ids[:, 1:].to(images.device)  # The model adds the start.
        labels = labels.masked_fill(labels == tokenizer.pad_token_id, _IGNORED)
        output = self.network(pixel_values=self._augment(images), labels=labels)
        losses = dict(loss_words=output.loss)
        if self.nouns:
            losses['loss_nouns'] = _NOUNS_WEIGHT * self._presence_loss(
                output.encoder_last_hidden_state, captions
            )
        return losses

    @torch.no_grad()
    def write(self, images: Tensor) -> list[str]:
        """Writes captions, word by word the likeliest.

        Args:
            images: RGB in [-1, 1], shape (B, 3, size, size).

        Returns:
            One caption for each.
        """
        tokens = self.network.generate(pixel_values=images, do_sample=False)
        return self.processor.batch_decode(tokens, skip_special_tokens=True)

    def save_pretrained(self, folder: str | Path) -> None:
        """Writes model and processor in half precision, as transformers reads them.

        Args:
            folder: Folder to write to.
        """
        folder = Path(folder)
        copy.deepcopy(self.network).half().save_pretrained(folder)
        self.processor.save_pretrained(folder)
        # Transformers 4 looks for this file, and does not know the names of classes
        # that transformers 5 writes.
        self.processor.image_processor.save_pretrained(folder)
        path = folder / 'tokenizer_config.json'
        config = json.loads(path.read_text(encoding='utf-8'))
        config['tokenizer_class'] = 'PreTrainedTokenizerFast'
        path.write_text(json.dumps(config, indent=2) + '\n', encoding='utf-8')

    def _presence_loss(self, tokens: Tensor, captions: Sequence[str]) -> Tensor:
        """Cross-entropy of the presence of each noun, from tokens (B, N, C)."""
        named = tokens.new_zeros(len(captions), len(self.nouns))  # (B, nouns)
        for row, text in zip(named, captions, strict=True):
            row[list(self._mentioned.find(text))] = 1
        # A smooth maximum over the places, less that of equal values.
        scores = self.presence(tokens).float().logsumexp(1) - math.log(tokens.shape[1])
        return F.binary_cross_entropy_with_logits(scores, named.float())

    def _augment(self, images: Tensor) -> Tensor:
        """Mirrors half of the pictures."""
        mirrored = (torch.rand(len(images)) < 0.5).to(images.device)
        return torch.where(mirrored[:, None, None, None], images.flip(-1), images)


def build_word_processor(
    words: Sequence[str], size: int, max_tokens: int
) -> TrOCRProcessor:
    """Builds a tokenizer of whole words and an image processor.

    Args:
        words: All words in lower case; punctuation is a word.
        size: Side in pixels to which pictures are resized.
        max_tokens: Longest text in tokens, start and end included.

    Returns:
        A processor that transformers' ``AutoProcessor`` reads once saved.

    Raises:
        ValueError: A word occurs twice.
    """
    twice = sorted({word for word in words if list(words).count(word) > 1})
    if twice:
        raise ValueError(f'words must be different, got {twice} twice')
    vocabulary = {word: index for index, word in enumerate((*_SPECIAL, *words))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token='<unk>'))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix='##', cleanup=True)
    tokenizer.post_processor = processors.TemplateProcessing(
        single='<s> $A </s>',
        special_tokens=[(name, vocabulary[name]) for name in ('<s>', '</s>')],
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token='<pad>',
        bos_token='<s>',
        eos_token='</s>',
        unk_token='<unk>',
        model_max_length=max_tokens,
    )
    return TrOCRProcessor(
        image_processor=ViTImageProcessor(size=dict(height=size, width=size)),
        tokenizer=fast,
    )
