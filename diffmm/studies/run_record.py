"""The record of a run: which settings, on how many GPUs, which figures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..utils.atomic import write_atomically
from .launcher import Launcher
from .settings import differences, hash_settings, used_settings
from .table import StudyError


class RunRecord:
    """``run.json`` in a run's folder.

    Args:
        folder: The folder.
        settings: The resolved config of the run.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.file = folder / 'run.json'
        self.settings = settings
        self.hash = hash_settings(settings)

    def read(self) -> dict[str, Any]:
        """Everything that is noted; empty before the run starts."""
        return json.loads(self.file.read_text()) if self.file.is_file() else {}

    def write(self, **changes: Any) -> None:
        """Notes something; what else is noted stays."""
        record = {'hash': self.hash, **self.read(), **changes}
        record['settings'] = used_settings(self.settings)
        write_atomically(self.file, (json.dumps(record, indent=1) + '\n').encode())

    def check(self) -> None:
        """Compares the hashes.

        Raises:
            StudyError: The folder holds a run of other settings; the message names
                some of them.
        """
        record = self.read()
        if record and record['hash'] != self.hash:
            found = list(differences(used_settings(self.settings), record['settings']))
            raise StudyError(
                f'{self.file.parent} holds a run of other settings '
                f'({"; ".join(found[:3])}{"; ..." * (len(found) > 3)}): remove it, or '
                'name another --work-dir'
            )

    def check_gpus(self, launcher: Launcher, recipe: int) -> None:
        """Compares the number of GPUs, which is the size of the effective batch.

        Args:
            launcher: Starts the run.
            recipe: Number of GPUs that the config's learning rate belongs to.

        Raises:
            StudyError: The folder holds a run on another number of GPUs, or the config
                does not say how its learning rate scales.
        """
        count, folder = launcher.count(recipe), self.file.parent
        found = self.read().get('gpus', count)
        if found != count:
            raise StudyError(
                f'{folder} holds a run on {found} GPUs, not {count}: give --gpus '
                f'{found}, or name another --work-dir'
            )
        scaling = self.settings.get('auto_scale_lr') or {}
        if launcher.scales(recipe) and 'base_batch_size' not in scaling:
            raise StudyError(
                f'{folder.name}: the recipe has {recipe} GPUs, and its config has no '
                f'auto_scale_lr.base_batch_size to scale the learning rate to {count}'
            )
