"""A source of a diffusion prior's weights, and how they get into a network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ..architecture import Architecture
from ..text_encoder import TextEncoder
from .tensor_file import WeightsError

# peft wraps the layers it adapts and keeps the original one under this name.
_PEFT_WRAPPER = '.base_layer'
_TABLE = 'embeddings.token_embedding.weight'
# Tensors that a network may do without, by the start of their names: the output layer
# and the timestep's MLP; the decoder; what projects text beside images.
_OTHER_USES = {
    'unet': ('conv_norm_out.', 'conv_out.', 'time_embedding.linear_'),
    'vae': ('decoder.', 'post_quant_conv.'),
    'text_encoder': (
        'embeddings.position_ids',
        'text_projection',
        'visual_projection',
        'vision_model.',
        'logit_scale',
    ),
}


class PriorSource(ABC):
    """A diffusers folder or an original file that holds a Stable Diffusion model.

    Args:
        location: Where it is, for messages.
    """

    def __init__(self, location: str) -> None:
        self.location = location

    @abstractmethod
    def state_dict(self, part: str, architecture: Architecture) -> dict[str, Tensor]:
        """Reads one network, under the names diffusers and transformers give it.

        Args:
            part: ``'unet'``, ``'vae'`` or ``'text_encoder'``.
            architecture: The expected shapes.

        Returns:
            Tensors by parameter name.

        Raises:
            WeightsError: If the part is missing, damaged or of another architecture.
        """

    def load_into(
        self, module: nn.Module, part: str, architecture: Architecture
    ) -> None:
        """Fills a network with this source's weights.

        Args:
            module: The network; every one of its parameters must be found.
            part: As in ``state_dict``.
            architecture: The expected shapes.

        Raises:
            WeightsError: As ``state_dict``, and if a tensor is missing, has another
                shape or no place.
        """
        self.assign(module, self.state_dict(part, architecture), part, architecture)

    def assign(
        self,
        module: nn.Module,
        tensors: Mapping[str, Tensor],
        part: str,
        architecture: Architecture,
    ) -> None:
        """Fills a network with tensors that this source returned.

        A network may lack what only other uses of the model need, such as a decoder,
        and what it removed because no pass of its own needs it. Any other tensor that
        it has no place for belongs to a related architecture.

        Args:
            module: The network.
            tensors: Values by name.
            part: As in ``state_dict``.
            architecture: The architecture.

        Raises:
            WeightsError: As ``load_into``.
        """
        source = f'{part} of {self.location}'
        places = {name.replace(_PEFT_WRAPPER, '') for name in module.state_dict()}
        removed = tuple(f'{path}.' for path in getattr(module, 'removed', ()))
        strangers = sorted(
            name
            for name in tensors
            if name not in places
            and not name.startswith((*_OTHER_USES[part], *removed))
        )
        # Where no name fits, what is missing says more.
        if strangers and not places.isdisjoint(tensors):
            raise WeightsError(
                f'{source} does not fit architecture {architecture.name!r}, which has '
                f'no place for {len(strangers)} of its {len(tensors)} tensors, such as '
                f'{strangers[:3]}. Name the weights that belong to this architecture, '
                'or the architecture of these weights'
            )
        assign_weights(module, tensors, source, architecture.name)

    def text_encoder(self, architecture: Architecture) -> TextEncoder:
        """Builds and fills the text encoder.

        Args:
            architecture: The expected shapes.

        Returns:
            The frozen text encoder, with the words that the source learned.

        Raises:
            WeightsError: As ``load_into``, and if its table of tokens has more rows
                than the vocabulary and the source does not name them.
        """
        encoder = TextEncoder.build(architecture.text_encoder)
        tensors = self.state_dict('text_encoder', architecture)
        size = encoder.model.config.vocab_size
        table = tensors.get(_TABLE)
        words = {}
        if table is not None and len(table) > size:
            # Rows without a word fill the table up to a round number.
            rows = table[size:]
            words = {word: rows[i - size] for word, i in self.word_ids(size).items()}
            if not words:
                raise WeightsError(
                    f'text_encoder of {self.location} has {len(rows)} more tokens than '
                    f"CLIP's {size}, but nothing names them: the folder's tokenizer "
                    'must hold the learned words, or give pretrained= the model '
                    'without them and learned_words= their file'
                )
            tensors = {**tensors, _TABLE: table[:size]}
        self.assign(encoder.model, tensors, 'text_encoder', architecture)
        add_words(encoder, words, self.location)
        return encoder

    def word_ids(self, size: int) -> dict[str, int]:
        """Finds the words that the source learned.

        Args:
            size: Size of the vocabulary before.

        Returns:
            Their ids, from ``size`` on, in this order.
        """
        return {}


def add_words(encoder: TextEncoder, words: Mapping[str, Tensor], source: str) -> None:
    """Teaches a text encoder words.

    Args:
        encoder: The text encoder.
        words: Vectors by word.
        source: What the message calls the words' file.

    Raises:
        WeightsError: A word is a token already or has another width.
    """
    try:
        encoder.add_words(words)
    except ValueError as error:
        raise WeightsError(f'{source}: {error}') from error


def assign_weights(
    module: nn.Module, tensors: Mapping[str, Tensor], source: str, architecture: str
) -> None:
    """Copies tensors into every parameter and buffer of a module.

    Tensors that the module has no place for (a VAE's decoder, say) are left aside.
    Low-rank adapters that the module already has keep their values.

    Args:
        module: The module to fill, in place.
        tensors: Values by name.
        source: What the message calls the tensors.
        architecture: What the message calls the module's architecture.

    Raises:
        WeightsError: If a tensor is missing or has another shape. Nothing is copied.
    """
    targets = {
        name.replace(_PEFT_WRAPPER, ''): tensor
        for name, tensor in module.state_dict(keep_vars=True).items()
        if '.lora_' not in name
    }
    missing = [name for name in targets if name not in tensors]
    different = [
        f'{name} is {tuple(tensors[name].shape)}, expected {tuple(target.shape)}'
        for name, target in targets.items()
        if name in tensors and tensors[name].shape != target.shape
    ]
    if missing or different:
        raise WeightsError(
            f'{source} does not fit architecture {architecture!r}: '
            f'{len(missing)} of {len(targets)} tensors missing {missing[:3]}, '
            f'{len(different)} of another shape {different[:3]}. Name the weights that '
            'belong to this architecture, or the architecture of these weights'
        )
    with torch.no_grad():
        for name, target in targets.items():
            target.copy_(tensors[name])
