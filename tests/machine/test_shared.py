"""Whose packages a new environment would miss, by the documented signs."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from safepip.machine.shared import shared_packages
from tests.support.facts import debian as interpreter

SYSTEM = interpreter(prefix=PurePosixPath("/usr"))


@pytest.mark.parametrize(
    ("sign", "whose"),
    [
        ("etc/rpi-issue", "Raspberry Pi OS"),
        ("etc/nv_tegra_release", "the Jetson's software"),
    ],
)
def test_a_file_of_the_system_speaks_for_its_own_python(
    sign: str, whose: str, tmp_path: Path
) -> None:
    file = tmp_path / sign
    file.parent.mkdir()
    assert shared_packages(SYSTEM, {}, root=tmp_path) is None
    file.write_text("2025-05-06\n")
    assert shared_packages(SYSTEM, {}, root=tmp_path) == whose
    pyenv = PurePosixPath("/home/you/.pyenv/versions/3.12.1")
    other = interpreter(prefix=pyenv, base_prefix=pyenv)
    assert shared_packages(other, {}, root=tmp_path) is None


@pytest.mark.parametrize(
    ("variable", "value", "whose"),
    [
        ("ROS_DISTRO", "jazzy", "ROS"),
        ("KAGGLE_KERNEL_RUN_TYPE", "Interactive", "Kaggle's image"),
        ("COLAB_RELEASE_TAG", "release-colab_20251101", "Colab's image"),
        ("NVIDIA_PRODUCT_NAME", "PyTorch", "NVIDIA's image"),
        ("NVIDIA_BUILD_ID", "114410972", "NVIDIA's image"),
        ("DATABRICKS_RUNTIME_VERSION", "15.4", "the Databricks runtime"),
        ("LOADEDMODULES", "gcc/13.2:Python/3.12.3-GCCcore", "the loaded modules"),
        ("LOADEDMODULES", "scipy-stack/2025a", "the loaded modules"),
        ("LOADEDMODULES", "gcc/13.2:cmake", None),
        ("ROS_DISTRO", "", None),
    ],
)
def test_an_image_and_a_cluster_say_so_by_variables(
    variable: str, value: str, whose: str | None, tmp_path: Path
) -> None:
    assert shared_packages(SYSTEM, {variable: value}, root=tmp_path) == whose


def test_an_environment_and_conda_are_somebody_s_whatever_the_rest_says(tmp_path: Path) -> None:
    environment = interpreter(prefix=PurePosixPath("/opt/app"), base_prefix=PurePosixPath("/usr"))
    assert shared_packages(environment, {"ROS_DISTRO": "jazzy"}, root=tmp_path) == "/opt/app"
    assert shared_packages(interpreter(is_conda=True), {}, root=tmp_path) == "conda"
