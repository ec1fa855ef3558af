"""Packaging of DiffMM: metadata, and requirements read from ``requirements/``."""

import re
from pathlib import Path

from setuptools import find_namespace_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
EXTRAS = ('captions', 'seg', 'det', 'pose', 'cls', 'peft', 'demo', 'dev')


def read_requirements(name):
    """Read ``requirements/<name>.txt``, following its ``-r`` lines.

    Args:
        name (str): File name without ``.txt``.

    Returns:
        list[str]: One requirement a line, without comments.
    """
    requirements = []
    for line in (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines():
        line = line.split('#')[0].strip()
        if line.startswith('-r '):
            requirements += read_requirements(Path(line[3:].strip()).stem)
        elif line:
            requirements.append(line)
    return requirements


class BuildWithStartup(build_py):
    """Puts two files beside the packages, with which mmcv finds its operators.

    Python imports the one when it starts, because the other is called ``.pth``
    (``diffmm/operators/startup.py``).
    """

    def run(self):
        """Builds the packages and writes the two files."""
        super().run()
        for path, text in self._read_startup().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def get_outputs(self, *args, **kwargs):
        """Lists what a build writes, the two files as well."""
        startup = [] if self.editable_mode else [*map(str, self._read_startup())]
        return super().get_outputs(*args, **kwargs) + startup

    def _read_startup(self):
        # An editable wheel has its files here, and build_lib is thrown away.
        install = self.get_finalized_command('install')
        folder = Path(install.install_lib if self.editable_mode else self.build_lib)
        code = (ROOT / 'diffmm' / 'operators' / 'startup.py').read_text()
        return {
            folder / '_diffmm_operators.py': code,
            folder / 'diffmm_operators.pth': 'import _diffmm_operators\n',
        }


def read_version():
    """Read the version without importing the package, which needs torch."""
    text = (ROOT / 'diffmm' / 'version.py').read_text()
    return re.search(r"^__version__ = '(.+)'$", text, re.MULTILINE).group(1)


extras = {name: read_requirements(name) for name in EXTRAS}
extras['all'] = sorted({line for lines in extras.values() for line in lines})
# Not part of `all`: it has the same files as the released hosts.
extras['fork'] = read_requirements('fork')

setup(
    name='diffmm',
    version=read_version(),
    description=(
        'Pre-trained Stable Diffusion models as backbones and predictors for '
        'mmsegmentation, mmpose and mmdetection'
    ),
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    author='DiffMM contributors',
    license='Apache-2.0',
    license_files=['LICENSE'],
    keywords='diffusion, segmentation, depth, pose, detection, computer vision',
    classifiers=[
        'Development Status :: 3 - Alpha',
        'Intended Audience :: Science/Research',
        'Operating System :: OS Independent',
        'Programming Language :: Python :: 3',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
    ],
    # Folders of data files count as packages too, or setuptools would not carry them.
    packages=find_namespace_packages(
        include=['diffmm', 'diffmm.*'], exclude=['*.__pycache__']
    ),
    include_package_data=True,
    python_requires='>=3.10,<3.14',
    install_requires=read_requirements('runtime'),
    extras_require=extras,
    cmdclass={'build_py': BuildWithStartup},
    zip_safe=False,
)
