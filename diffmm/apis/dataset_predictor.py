"""A trained model on the test set of its config, picture by picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import DATASETS, DefaultScope
from mmengine.structures import BaseDataElement
from torch.utils.data import Dataset

from diffmm.utils.class_names import check_repeats
from diffmm.utils.command_line import one_line
from diffmm.utils.tool_config import merge_options
from diffmm.utils.work_dir import missing_data

from .catalog import get_config, get_model


class DatasetPredictor:
    """A trained model of any host, with the pictures it is tested on.

    Args:
        config: The config that the model was trained with.
        checkpoint: The trained weights.
        device: ``'cpu'`` or ``'cuda:0'``.
        cfg_options: Overrides of config entries.

    Attributes:
        cfg: The config.
        model: The model, in eval mode.
        dataset: The test set.
        text_key: Key of the pictures' texts; None if the model has none.

    Raises:
        FileNotFoundError: Config or checkpoint do not exist.
        ValueError: The checkpoint does not fit the config.
    """

    def __init__(
        self,
        config: str | Path,
        checkpoint: str | Path,
        device: str = 'cpu',
        cfg_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.cfg = cfg = get_config(config)
        merge_options(cfg, cfg_options)
        self._scope = cfg.get('default_scope', 'mmseg')
        with DefaultScope.overwrite_default_scope(self._scope):
            self.model = get_model(cfg, checkpoint, device)
        self.dataset = self.build_dataset()
        self.text_key = getattr(self.model.data_preprocessor, 'text_key', None)

    def build_dataset(self, **changes: Any) -> Dataset:
        """Builds the test set.

        Args:
            **changes: Entries of its config to replace.

        Returns:
            The data set.

        Raises:
            FileNotFoundError: A file or folder of it does not exist.
        """
        dataset = dict(self.cfg.test_dataloader.dataset, **changes)
        try:
            with DefaultScope.overwrite_default_scope(self._scope):
                return DATASETS.build(dataset)
        except (AssertionError, OSError) as error:  # mmseg asserts that a list exists
            loader = dict(dataset=dataset)
            place = missing_data(Config(dict(test_dataloader=loader)), error)
            if not place:
                raise
            raise FileNotFoundError(f'{one_line(error)}{place}') from error

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes of the test set."""
        return tuple(self.dataset.metainfo['classes'])

    def names_in_texts(self, names: Sequence[str] | None) -> tuple[str, ...]:
        """Chooses the names by which texts call the classes.

        Args:
            names: Names in the order of the classes; None takes the test set's own.

        Raises:
            ValueError: There is not one for each class, or one repeats.
        """
        names = tuple(names or self.classes)
        if len(names) != len(self.classes):
            raise ValueError(
                f'--names has {len(names)} names for {len(self.classes)} classes'
            )
        check_repeats(names, '--names')
        return names

    def first(self, count: int | None) -> range:
        """Numbers of the first pictures, of all where None or more are asked for."""
        return range(min(count or len(self), len(self)))

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.dataset)

    def load(self, index: int) -> dict:
        """Reads a picture.

        Args:
            index: Its number.

        Returns:
            What the pipeline makes of it: ``inputs`` and ``data_samples``.

        Raises:
            IndexError: There is no such picture.
        """
        if not 0 <= index < len(self):
            raise IndexError(f'picture {index} of a test set of {len(self)}')
        return self.dataset[index]

    @torch.no_grad()
    def predict(self, item: Mapping, text: str | None = None) -> BaseDataElement:
        """Predicts a picture.

        Args:
            item: What `load` returned; it is not changed.
            text: A text instead of its own.

        Returns:
            The host's prediction, with the annotations that the pipeline loaded.
        """
        sample = item['data_samples'].clone()
        if text is not None:
            sample.set_metainfo({self.text_key: text})
        batch = pseudo_collate([dict(inputs=item['inputs'], data_samples=sample)])
        with DefaultScope.overwrite_default_scope(self._scope):
            return self.model.test_step(batch)[0]
