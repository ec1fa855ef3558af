"""Measures a backbone beside the plain diffusers UNet, in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from itertools import count
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diffmm.models.precision import unet_precision
from diffmm.structures import ConditionedImages

from .feature_pass import FeaturePass
from .flops import count_flops
from .measurement import Measurement
from .peak_memory import measure_memory_rise, tensor_bytes
from .plain_pass import PlainPass
from .timing import time_interleaved

PARTS = ('forward', 'train', 'checkpointing', 'refinement', 'text', 'backbone')
_TRAINING_PARTS = {'train', 'checkpointing', 'refinement', 'text'}
_REFINEMENT = ('separate passes', 'steps')
_IMAGE_MULTIPLE = 64


class UNetBenchmark:
    """Cost of a ``StableDiffusionBackbone`` as multiples of its plain UNet's.

    Both UNets share one set of weights and see the same latents, the same context and
    the same precision. Runs of a part are timed in turn, round by round; memory is
    measured in a run of its own.

    A training step is a forward and a backward pass of the mean of the outputs. It is
    timed with gradients dropped beforehand, as after ``zero_grad``. Its memory is
    measured with the gradients already there, as from the second micro-batch of
    gradient accumulation on, so that activations are peak minus parameters and
    gradients.

    Args:
        backbone: The backbone, on the device to measure on.
        size: Image height and width in pixels; the latents are padded to a multiple of
            64 pixels as the backbone pads.
        batch_size: Images per run.
        precision: ``'fp32'``, or ``'bf16'`` for autocast as in mixed-precision
            training.

    Raises:
        ValueError: If the precision is unknown or the size is not positive.
    """

    def __init__(
        self,
        backbone: nn.Module,
        size: tuple[int, int] = (512, 512),
        batch_size: int = 1,
        precision: str = 'fp32',
    ) -> None:
        if precision not in ('fp32', 'bf16'):
            raise ValueError(f"precision must be 'fp32' or 'bf16', got {precision!r}")
        if min(*size, batch_size) < 1:
            raise ValueError(
                f'size and batch size must be positive, got {size} and {batch_size}'
            )
        self.backbone = backbone
        self.precision = precision
        self.device = next(backbone.unet.parameters()).device
        self.images = torch.rand(batch_size, 3, *size, device=self.device) * 2 - 1
        texts = backbone.prompt.example_texts(batch_size)
        if texts is not None:
            self.images = ConditionedImages(self.images, texts)
        self.inputs = self._draw_inputs(size, batch_size)
        embeddings = backbone.time_embeddings
        if embeddings is not None:
            embeddings = nn.Parameter(embeddings.detach().clone())
        self.feature, self.refined = (
            FeaturePass(
                backbone.unet, backbone.timestep, backbone.attention, embeddings, steps
            ).train()
            for steps in (1, backbone.refinement_steps)
        )
        self.plain = PlainPass(backbone.unet, backbone.timestep).train()

    def run(self, parts: Iterable[str] = PARTS, repeats: int = 5) -> list[Measurement]:
        """Measure.

        Args:
            parts: Some of ``PARTS``: ``'forward'`` (without gradient), ``'train'``,
                ``'checkpointing'`` (training with gradient checkpointing),
                ``'refinement'`` (all refinement steps beside as many separate passes,
                with and without gradient checkpointing; left out if there is one only),
                ``'text'`` (encoding texts never seen before, beside the training step;
                left out if the prompt encodes none),
                ``'backbone'`` (image encoder and whole backbone, without gradient).
            repeats: Timed rounds.

        Returns:
            One measurement per run, plain runs first.

        Raises:
            ValueError: If a part is unknown, or a training part is asked for and
                nothing in the pass carries gradient.
        """
        parts = tuple(parts)
        unknown = sorted(set(parts) - set(PARTS))
        if unknown or not parts:
            raise ValueError(f'parts must be some of {PARTS}, got {unknown or parts}')
        measurements = []
        if 'forward' in parts:
            measurements += self._measure_forward(repeats)
        if _TRAINING_PARTS & set(parts):
            measurements += self._measure_training(parts, repeats)
        if 'backbone' in parts:
            measurements += self._measure_backbone(repeats)
        return measurements

    def _measure_forward(self, repeats: int) -> list[Measurement]:
        rows = [
            Measurement('plain forward', flops=self._count(self.plain)),
            Measurement(
                'feature forward', 'plain forward', flops=self._count(self.feature)
            ),
        ]
        runs = [self._forward_run(self.plain), self._forward_run(self.feature)]
        modules = (self.plain, self.feature)
        return self._measure(rows, runs, modules, repeats)

    def _measure_training(
        self, parts: Sequence[str], repeats: int
    ) -> list[Measurement]:
        self._check_trainable()
        plain_flops = self._count(self.plain, backward=True)
        feature_flops = self._count(self.feature, backward=True)
        rows = [Measurement('plain training', flops=plain_flops)]
        runs = [self._training_run(self.plain)]
        modules = [self.plain]
        refines = 'refinement' in parts and self.refined.steps > 1
        for part, name, checkpointing in (
            ('train', 'feature training', False),
            ('checkpointing', 'feature training, checkpointed', True),
        ):
            if part in parts or refines:
                rows.append(Measurement(name, 'plain training', flops=feature_flops))
                runs.append(self._training_run(self.feature, checkpointing))
                modules.append(self.feature)
            if refines:
                # As multiples of as many passes that have nothing to do with each
                # other, and add up their gradients, too.
                passes = self.refined.steps
                alone, steps = (f'{passes} {kind} of {name}' for kind in _REFINEMENT)
                flops = self._count(self.refined, backward=True)
                rows += [
                    Measurement(alone, name, flops=passes * feature_flops),
                    Measurement(steps, alone, flops=flops),
                ]
                runs += [
                    self._training_run(self.feature, checkpointing, passes),
                    self._training_run(self.refined, checkpointing),
                ]
                modules += [self.feature, self.refined]
        text_encoder = getattr(self.backbone.prompt, 'text_encoder', None)
        if 'text' in parts and text_encoder is not None:
            rows.append(Measurement('text encoding', 'plain training'))
            runs.append(self._text_run())
            modules.append(text_encoder)
        return self._measure(rows, runs, modules, repeats, training=True)

    def _measure_backbone(self, repeats: int) -> list[Measurement]:
        rows = [Measurement('image encoder'), Measurement('backbone forward')]
        modules = (self.backbone.vae, self.backbone)
        padding = [-side % _IMAGE_MULTIPLE for side in self.images.shape[:1:-1]]
        padded = F.pad(self.images, (0, padding[0], 0, padding[1]))
        runs = [
            self._forward_run(self.backbone.vae, padded),
            self._forward_run(self.backbone, self.images),
        ]
        return self._measure(rows, runs, modules, repeats)

    def _measure(
        self,
        rows: list[Measurement],
        runs: Sequence[Callable[[], Any]],
        modules: Sequence[nn.Module],
        repeats: int,
        training: bool = False,
    ) -> list[Measurement]:
        """Fill rows with the times and the memory of their runs."""
        functions = {row.name: run for row, run in zip(rows, runs, strict=True)}
        times = time_interleaved(
            functions, repeats, self.device, prepare=self._drop_gradients
        )
        for row, module in zip(rows, modules, strict=True):
            print(f'memory: {row.name}', flush=True)
            self._drop_gradients()
            if training:
                _allocate_gradients(module)
            row.seconds = times[row.name]
            row.resident_bytes = self._resident_bytes(module)
            row.activation_bytes = measure_memory_rise(functions[row.name], self.device)
        self._drop_gradients()
        return rows

    def _forward_run(self, module: nn.Module, *inputs: Tensor) -> Callable[[], Any]:
        def run() -> Any:
            with torch.no_grad(), self._autocast():
                return module(*(inputs or self.inputs))

        return run

    def _training_run(
        self, module: nn.Module, checkpointing: bool = False, passes: int = 1
    ) -> Callable[[], None]:
        def run() -> None:
            _set_checkpointing(module.unet, checkpointing)
            for _ in range(passes):
                with self._autocast():
                    outputs = module(*self.inputs)
                    loss = sum(out.mean() for out in outputs if out.requires_grad)
                loss.backward()

        return run

    def _text_run(self) -> Callable[[], None]:
        numbers = count()
        examples = self.backbone.prompt.example_texts(len(self.images))

        def run() -> None:
            # What the prompt has seen before costs nothing.
            texts = [f'{text} {next(numbers)}' for text in examples]
            with torch.no_grad(), self._autocast():
                self.backbone.prompt(len(texts), texts)

        return run

    def _count(self, module: nn.Module, backward: bool = False) -> int:
        _set_checkpointing(module.unet, False)
        return count_flops(module, self.inputs, backward)

    def _autocast(self) -> AbstractContextManager:
        return unet_precision(self.device, self.precision == 'bf16')

    def _draw_inputs(
        self, size: tuple[int, int], batch_size: int
    ) -> tuple[Tensor, Tensor]:
        """Draw latents and let the backbone's prompt make the context."""
        sides = [-(-side // _IMAGE_MULTIPLE) * _IMAGE_MULTIPLE // 8 for side in size]
        channels = self.backbone.unet.config.in_channels
        latents = torch.randn(batch_size, channels, *sides, device=self.device)
        prompt = self.backbone.prompt
        context = prompt(batch_size, prompt.example_texts(batch_size))
        # A trained prompt makes the backward pass go through to the context.
        leaf = context.detach().clone().requires_grad_(context.requires_grad)
        return latents, leaf

    def _check_trainable(self) -> None:
        unet_trains = any(p.requires_grad for p in self.backbone.unet.parameters())
        if not unet_trains and not self.inputs[1].requires_grad:
            raise ValueError(
                'this backbone trains neither its UNet nor its prompt, so there is no '
                "training step to measure: ask for the parts 'forward' and 'backbone'"
            )

    def _resident_bytes(self, module: nn.Module) -> int:
        tensors = [*module.parameters(), *module.buffers(), *self.inputs, self.images]
        tensors += [p.grad for p in module.parameters() if p.grad is not None]
        return tensor_bytes(tensors)

    def _drop_gradients(self) -> None:
        for module in (self.plain, self.feature, self.backbone):
            module.zero_grad(set_to_none=True)
        self.inputs[1].grad = None


def _allocate_gradients(module: nn.Module) -> None:
    for parameter in module.parameters():
        if parameter.requires_grad:
            parameter.grad = torch.zeros_like(parameter)


def _set_checkpointing(unet: nn.Module, enabled: bool) -> None:
    if enabled:
        unet.enable_gradient_checkpointing()
    else:
        unet.disable_gradient_checkpointing()
