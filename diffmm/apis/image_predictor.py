"""Prediction on plain pictures with a trained model of mmsegmentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.infer import BaseInferencer
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import MODELS, init_default_scope
from mmengine.structures import BaseDataElement
from torch import nn

from diffmm.utils.checksums import file_sha256
from diffmm.utils.halving_batches import HalvingBatches

from .checkpoint import checkpoint_file, load_checkpoint_into, read_checkpoint
from .image_input import Picture, list_images
from .inference_config import checksum_of, load_config
from .picture_pipeline import PicturePipeline
from .picture_texts import texts_of_pictures

Prediction = tuple[np.ndarray, BaseDataElement]


class ImagePredictor(BaseInferencer):
    """A trained model of mmsegmentation that predicts pictures without annotations.

    A checkpoint of DiffMM is complete, so neither the weights the training started from
    nor the network are needed.

    MMEngine's inferencer runs the batches and shows the progress. Three of its parts
    are replaced: checkpoints are read safely on every version of torch, every picture
    is checked, and pictures of different sizes never share a batch. It builds no
    visualizer; subclasses return objects that draw themselves.

    Args:
        config: The config that the model was trained with: a file, or the name of a
            shipped one.
        checkpoint: The trained weights.
        device: Where to run, for example ``'cpu'`` or ``'cuda:0'``.
        cfg_options: Overrides of config entries.

    Attributes:
        cfg: The config.
        checkpoint_meta: What the checkpoint records about its training.

    Raises:
        FileNotFoundError: If config or checkpoint do not exist.
        ValueError: If the checkpoint cannot be read or does not fit the config.
    """

    preprocess_kwargs = {'text'}

    def __init__(
        self,
        config: str | Path,
        checkpoint: str | Path,
        device: str = 'cpu',
        cfg_options: dict[str, Any] | None = None,
    ) -> None:
        cfg = load_config(config, cfg_options)
        # Before a model is built from it, which may change it.
        self._config_sum = checksum_of(cfg)
        self._checkpoint = checkpoint
        super().__init__(cfg, str(checkpoint), device, cfg.get('default_scope'))

    def __call__(
        self,
        inputs: Picture | Sequence[Picture],
        text: str | Sequence[str] | None = None,
        batch_size: int = 1,
    ) -> Any:
        """Predicts one picture, several, or those of a folder.

        Args:
            inputs: A picture (see `to_bgr`), a list of them, or a folder.
            text: The text of the picture, or one text for each, if the model is
                prompted picture by picture: a scene (``'kitchen'``), or the thing to
                segment (``'the red ball left of the tree'``). One string is the text
                of all.
            batch_size: Pictures of equal size in a row that are predicted together.

        Returns:
            The result of one picture, or a list of results, in the order of the
            pictures (of a folder, sorted by name).

        Raises:
            FileNotFoundError: If there is no such file.
            TypeError: If a picture is none.
            ValueError: If a picture is damaged, too small, or unclear, if a text is
                missing, or if the model cannot use the text.
        """
        several = isinstance(inputs, (list, tuple)) or _is_folder(inputs)
        self.show_progress = several
        results = super().__call__(inputs, batch_size=batch_size, text=text)
        return results if several else results[0]

    def stream(
        self,
        inputs: Picture | Sequence[Picture],
        text: str | Sequence[str] | None = None,
        batch_size: int = 1,
    ) -> Iterator[tuple[Picture, Any]]:
        """Predicts pictures and hands out every result as soon as it is there.

        A picture that cannot be used does not end the others. The memory holds one
        batch. If it does not suffice, batches are halved.

        Args:
            inputs: As in calling the predictor.
            text: As in calling the predictor.
            batch_size: As in calling the predictor.

        Yields:
            Every picture, in their order, with its result, or with the error of a
            picture that is missing, damaged, too small, or unclear.

        Raises:
            ValueError: There are no pictures, or the texts do not fit the model.
        """
        pictures = self._inputs_to_list(inputs)
        batches = HalvingBatches(batch_size, 'batch_size')
        items = zip(
            pictures,
            map(self._try, pictures, self._texts_of(text, pictures)),
            strict=True,
        )
        for size, same in groupby(items, key=lambda pair: _size_of(pair[1])):
            while chunk := list(islice(same, batches.size)):
                results = (item for _, item in chunk)
                if size is not None:
                    results = batches(self._predict_items, list(results))
                yield from zip((picture for picture, _ in chunk), results, strict=True)

    def predict(self, image: Picture, text: str | None = None) -> Prediction:
        """Predicts one picture, and returns what the host's model says.

        Args:
            image: The picture, see `to_bgr`.
            text: Its text, if the model is prompted picture by picture.

        Returns:
            The picture as a BGR array, and the host's prediction for it.

        Raises:
            Exception: As calling the predictor.
        """
        (batch,) = self.preprocess([image], text=text)
        return self.forward(batch)[0]

    def provenance(self) -> dict[str, str]:
        """Names config and checkpoint, each with a checksum of its content.

        The overrides of the config count, too. Reads the whole checkpoint.
        """
        path = checkpoint_file(self._checkpoint)
        return dict(
            config=f'{Path(self.cfg.filename).name} ({self._config_sum[:12]})',
            checkpoint=f'{path.name} ({file_sha256(path)[:12]})',
        )

    def preprocess(
        self,
        inputs: Sequence[Picture],
        batch_size: int = 1,
        text: str | Sequence[str] | None = None,
    ) -> Iterator[dict]:
        """Checks and prepares pictures, and joins those of equal size.

        Args:
            inputs: The pictures.
            batch_size: The most pictures of a batch.
            text: As in calling the predictor.

        Yields:
            Batches for `forward`.
        """
        items = map(self._prepare, inputs, self._texts_of(text, inputs))
        for _, same in groupby(items, key=lambda item: item['inputs'].shape):
            yield from map(self.collate_fn, self._get_chunk_data(same, batch_size))

    @torch.no_grad()
    def forward(self, inputs: dict, **kwargs: Any) -> list[Prediction]:
        """Predicts a batch.

        Args:
            inputs: A batch of `preprocess`.
            **kwargs: None; MMEngine's signature has them.

        Returns:
            Each picture with its prediction.
        """
        pixels = inputs.pop('pixels')
        return list(zip(pixels, self.model.test_step(inputs), strict=True))

    def visualize(self, inputs: list, preds: list, **kwargs: Any) -> None:
        """Draws nothing: results draw themselves."""

    def postprocess(
        self, preds: list[Prediction], visualization: None, *args: Any, **kwargs: Any
    ) -> list:
        """Turns every prediction into a result.

        Args:
            preds: The predictions.
            visualization: None.
            *args: None; MMEngine's signature has them.
            **kwargs: None; MMEngine's signature has them.

        Returns:
            The results of `to_result`.
        """
        return [self.to_result(*pred) for pred in preds]

    def to_result(self, pixels: np.ndarray, prediction: BaseDataElement) -> Any:
        """Turns a prediction into a result; here the pair itself.

        Args:
            pixels: BGR picture ``(H, W, 3)``, uint8.
            prediction: The host's prediction for it.
        """
        return pixels, prediction

    def _inputs_to_list(self, inputs: Any) -> list:
        if _is_folder(inputs):
            return list_images(inputs)
        pictures = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        if not pictures:
            raise ValueError('no pictures: the list is empty')
        return pictures

    def _texts_of(
        self, text: str | Sequence[str] | None, pictures: Sequence[Picture]
    ) -> Sequence[str | None]:
        model = f'the model of {self.cfg.filename}'
        return texts_of_pictures(text, len(pictures), self._text_key, model)

    @property
    def _text_key(self) -> str | None:
        return getattr(self.model.data_preprocessor, 'text_key', None)

    def _prepare(self, picture: Picture, text: str | None) -> dict:
        key = self._text_key
        return self.pipeline.prepare(picture, **({} if key is None else {key: text}))

    def _try(self, picture: Picture, text: str | None) -> dict | Exception:
        """Prepares a picture; returns the error of one that cannot be used."""
        try:
            return self._prepare(picture, text)
        except (OSError, TypeError, ValueError) as error:
            return error

    def _predict_items(self, items: list[dict]) -> list:
        return self.postprocess(self.forward(self.collate_fn(items)), None)

    def _init_model(self, cfg: Config, weights: str, device: str) -> nn.Module:
        trained = read_checkpoint(weights)
        self.checkpoint_meta = trained['meta']
        init_default_scope(cfg.get('default_scope', 'mmseg'))
        if cfg.model.get('pretrained') is not None:
            cfg.model.pretrained = None
        model = MODELS.build(cfg.model)
        load_checkpoint_into(model, trained['state_dict'], weights, cfg.filename)
        return revert_sync_batchnorm(model).to(device).eval()

    def _init_pipeline(self, cfg: Config) -> PicturePipeline:
        return PicturePipeline(cfg.test_pipeline)

    def _init_visualizer(self, cfg: Config) -> None:
        return None


def _is_folder(inputs: Any) -> bool:
    return isinstance(inputs, (str, Path)) and Path(inputs).is_dir()


def _size_of(item: dict | Exception) -> tuple[int, ...] | None:
    return None if isinstance(item, Exception) else tuple(item['inputs'].shape)
