"""The names of what can be done; ``wording/explanation.py`` says them."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple


class Remedy(Enum):
    """One kind of advice."""

    # Against a denial
    VENV = auto()
    VENV_TOO = auto()
    SAFEPIP = auto()
    SAFEPIP_PLAN = auto()
    PIPX = auto()
    STAND_IN = auto()
    WITHOUT_OPTION = auto()
    """``detail``: the option that names the place."""
    DIRECTORY_FOR_OPTION = auto()
    """``detail``: likewise."""
    OVERRULE_USER = auto()
    UNSET = auto()
    """``detail``: the variable that is the same setting."""
    OWNER_AGAIN = auto()
    OWNER_IF_YOURS = auto()
    SET_HOME = auto()
    SEE_SETTINGS = auto()
    PIP_IN_VENV = auto()
    PIP_IS_OTHERS = auto()
    SEE_COPIES = auto()
    OTHERS_TO_REMOVE = auto()
    SEND_MORE = auto()

    # In another tool
    IN_DOCKERFILE = auto()
    IN_TOX = auto()
    IN_PIPENV = auto()
    IN_POETRY = auto()
    IN_ANSIBLE = auto()
    IN_CONDA = auto()
    IN_UV = auto()
    OWN_PIP_IN_VENV = auto()
    OWN_PIP_FOR_USER = auto()
    PIP_INSTEAD_OF_SETUP_PY = auto()

    # After an install
    SEE_PATH = auto()
    ADD_TO_PATH = auto()
    INSTALL_FOR_SAME_PYTHON = auto()
    OTHER_NAME = auto()
    WHERE = auto()
    UPGRADE = auto()

    # Against other failures
    EMPTY_CACHE = auto()
    TEMPORARY_ELSEWHERE = auto()
    LARGER_QUOTA = auto()
    CLOSE_PROGRAMS = auto()
    PYTHON_RUNS_PIP = auto()
    CHECK_FILE = auto()
    MAKE_READABLE = auto()
    TEMPORARY_FOLDER = auto()
    CHECK_HASHES = auto()
    WITHOUT_BUILD = auto()
    READ_BUILD = auto()
    LOOSEN = auto()
    KEEP_APART = auto()
    CERTIFICATES = auto()
    OTHER_BUILD = auto()
    CHECK_INDEX = auto()
    SEE_NETWORK = auto()
    AGAIN = auto()
    OTHER_PYTHON = auto()
    SEE_VERSIONS = auto()
    NEWER_PIP = auto()
    NAME_SOMETHING = auto()
    QUOTE = auto()
    CHECK_DIRECTORY = auto()
    FETCH_ANEW = auto()
    NAME_DIRECTORY = auto()
    GET_PROGRAM = auto()
    OWN_SETTINGS = auto()
    SHORTER_PATH = auto()
    LONG_PATHS = auto()
    OWN_SCRIPTS = auto()
    CHECK_OWNER = auto()
    OWN_LOG = auto()
    OWN_CACHE = auto()


class Advice(NamedTuple):
    """One thing to do."""

    remedy: Remedy
    command: str | None = None
    """To paste into the shell of the system that the log comes from."""
    permanent: bool = False
    """It removes the cause; otherwise it helps this once."""
    detail: str = ""
