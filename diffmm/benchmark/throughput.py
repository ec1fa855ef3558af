"""Images per second of a whole model: training steps and predictions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from statistics import median
from typing import Any

import torch
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement, PixelData
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from ..models.precision import unet_precision
from ..structures import ConditionedImages
from ..utils.text_table import format_table
from .peak_memory import measure_memory_rise, tensor_bytes

VARIANTS = ('plain', 'checkpointing', 'compile', 'compile and checkpointing')
PASSES_OF_MODEL = ('training', 'inference')
_GIB = 1024**3
_HEADER = ('model', 'pass', 'variant', 'images/s', 'MFU %', 'peak GiB')


class Throughput:
    """A model with random weights, and batches of noise for it.

    A training step is the model's loss, its gradients and a step of AdamW. A prediction
    is the model's own, from normalized images to the hosts' data samples.

    Args:
        settings: The ``model`` of a config: a segmentor, or a `DiffusionPerceptor` that
            predicts depth.
        size: Side of the square images.
        batch_size: Images of a batch.
        device: Where to run.
        precision: ``'fp32'``, or ``'bf16'`` for autocast.

    Raises:
        ValueError: The size or the batch size is not positive.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        size: int,
        batch_size: int,
        device: torch.device,
        precision: str,
    ) -> None:
        if min(size, batch_size) < 1:
            raise ValueError(f'size and batch must be positive: {size}, {batch_size}')
        self.device, self.precision, self.batch_size = device, precision, batch_size
        settings = dict(settings)
        part = 'backbone' if 'backbone' in settings else None
        if part:
            settings[part] = {**settings[part], 'pretrained': None}
        else:
            settings['pretrained'] = None
        # The cost does not depend on the weights, so none need to be at hand.
        self.model = revert_sync_batchnorm(MODELS.build(settings)).to(device)
        self.unet = (self.model.backbone if part else self.model).unet
        prompt = (self.model.backbone if part else self.model).prompt
        self.images = torch.rand(batch_size, 3, size, size, device=device) * 2 - 1
        texts = prompt.example_texts(batch_size)
        if texts is not None:
            self.images = ConditionedImages(self.images, texts)
        self.samples = [self._sample(index, size) for index in range(batch_size)]
        trained = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(trained, lr=1e-6)

    def measure(
        self, variants: Sequence[str], rounds: int, peak_tflops: float | None
    ) -> list[dict[str, Any]]:
        """Measures variants one after the other.

        Args:
            variants: Some of `VARIANTS`. Checkpointing matters in training only.
            rounds: Timed runs, behind an untimed one.
            peak_tflops: Peak rate of the device, for MFU.

        Returns:
            A row for every pass and variant: ``images_per_second`` (of the median
            run), ``seconds``, ``flops`` of the model, ``mfu`` and ``peak_bytes``.
        """
        rows = []
        flops = {name: self._count(name) for name in PASSES_OF_MODEL}
        for variant in sorted(variants, key=VARIANTS.index):
            if 'checkpointing' in variant:
                self.unet.enable_gradient_checkpointing()
            else:
                self.unet.disable_gradient_checkpointing()
            if 'compile' in variant:
                # What was compiled with other options does not count.
                torch.compiler.reset()
                self.unet.compile()
            for name in PASSES_OF_MODEL:
                if name == 'inference' and 'checkpointing' in variant:
                    continue
                seconds, peak = self._measure(self._run_of(name), rounds)
                rate = flops[name] / median(seconds) / 1e12
                rows.append(
                    {
                        'pass': name,
                        'variant': variant,
                        'images_per_second': self.batch_size / median(seconds),
                        'seconds': seconds,
                        'flops': flops[name],
                        'mfu': rate / peak_tflops if peak_tflops else None,
                        'peak_bytes': peak,
                    }
                )
        return rows

    def _run_of(self, name: str) -> Callable[[], None]:
        return self._train if name == 'training' else self._predict

    def _train(self) -> None:
        self.model.train()
        with self._autocast():
            losses = self.model(self.images, self.samples, mode='loss')
        total, _ = self.model.parse_losses(losses)
        total.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    @torch.no_grad()
    def _predict(self) -> None:
        self.model.eval()
        with self._autocast():
            self.model(self.images, self.samples, mode='predict')

    def _autocast(self) -> AbstractContextManager:
        return unet_precision(self.device, self.precision == 'bf16')

    def _count(self, name: str) -> int:
        """Counts operations; the counter knows attention as matrix products only."""
        self.unet.disable_gradient_checkpointing()
        counter = FlopCounterMode(display=False)
        with sdpa_kernel(SDPBackend.MATH), counter:
            self._run_of(name)()
        return counter.get_total_flops()

    def _measure(self, run: Callable[[], None], rounds: int) -> tuple[list[float], int]:
        run()
        seconds = []
        for _ in range(rounds):
            self._wait()
            start = time.perf_counter()
            run()
            self._wait()
            seconds.append(time.perf_counter() - start)
        state = [
            value
            for each in self.optimizer.state.values()
            for value in each.values()
            if isinstance(value, torch.Tensor)
        ]
        tensors = [*self.model.parameters(), *self.model.buffers(), *state]
        resident = tensor_bytes(tensors)
        return seconds, resident + measure_memory_rise(run, self.device)

    def _wait(self) -> None:
        if self.device.type == 'cuda':
            torch.cuda.synchronize(self.device)

    def _sample(self, index: int, size: int) -> BaseDataElement:
        """Annotations of noise, as segmentors and depth perceptors take them."""
        from mmseg.structures import SegDataSample

        classes = getattr(self.model, 'num_classes', 2)
        meta = dict(
            sample_idx=index,
            img_shape=(size, size),
            ori_shape=(size, size),
            depth_range=(0.0, 10.0),
            depth_quantiles=(1.0, 9.0),
        )
        sample = SegDataSample(metainfo=meta)
        labels = torch.randint(classes, (1, size, size), device=self.device)
        depth = torch.rand(1, size, size, device=self.device) * 9 + 0.5
        sample.gt_sem_seg = PixelData(data=labels)
        sample.gt_depth_map = PixelData(data=depth)
        return sample


def format_throughput(rows: Sequence[Mapping[str, Any]]) -> str:
    """Writes rows, each with the ``model``, as a table of Markdown."""
    lines = [
        (
            row['model'],
            row['pass'],
            row['variant'],
            f'{row["images_per_second"]:.2f}',
            '-' if row['mfu'] is None else f'{100 * row["mfu"]:.1f}',
            f'{row["peak_bytes"] / _GIB:.2f}',
        )
        for row in rows
    ]
    return format_table(_HEADER, lines, numbers_from=3, markdown=True)
