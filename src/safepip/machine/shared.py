"""Tells whether a Python's own packages cannot be had otherwise, by documented signs."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip.machine import paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safepip.model.interpreter import Interpreter

# Files that say what the system is; they speak for the system's own Python.
# Source: Raspberry Pi OS (pi-gen writes rpi-issue), NVIDIA's L4T release notes.
_FILES = (
    ("etc/rpi-issue", "Raspberry Pi OS"),
    ("etc/nv_tegra_release", "the Jetson's software"),
)
# Variables that an image or a setup script sets, and what says so.
_VARIABLES = (
    ("ROS_DISTRO", "ROS"),  # REP 149; ros_environment
    ("KAGGLE_KERNEL_RUN_TYPE", "Kaggle's image"),  # Kaggle/docker-python
    ("COLAB_RELEASE_TAG", "Colab's image"),  # googlecolab/colabtools
    ("NVIDIA_PRODUCT_NAME", "NVIDIA's image"),  # NGC's framework images
    ("NVIDIA_BUILD_ID", "NVIDIA's image"),
    ("DATABRICKS_RUNTIME_VERSION", "the Databricks runtime"),
)
# Modules of a cluster that bring a Python with packages built for it.
_MODULES = ("python", "anaconda", "miniconda", "miniforge", "cray-python", "scipy-stack")


def shared_packages(
    interpreter: Interpreter, env: Mapping[str, str], *, root: Path = Path("/")
) -> str | None:
    """What the packages of *interpreter* belong to, if a new environment would miss them.

    *root*: where the system's files are looked for.
    """
    if interpreter.is_virtual:
        return str(interpreter.prefix)
    if interpreter.is_conda:
        return "conda"
    if interpreter.prefix.is_relative_to(PurePath("/usr")):
        for name, whose in _FILES:
            if paths.exists(root / name):
                return whose
    for variable, whose in _VARIABLES:
        if env.get(variable):
            return whose
    loaded = env.get("LOADEDMODULES", "").lower().split(":")
    if any(module.startswith(_MODULES) for module in loaded):
        return "the loaded modules"
    return None
