"""Acts: the settings that hold for one command: ``values`` of each key, ``layers`` of files."""

from safepip.settings.layers import (
    Origin,
    Settings,
    Source,
    check_options,
    data_dir,
    locked_keys,
    merge,
    state_dir,
    system_file,
    user_file,
    user_text,
)
from safepip.settings.values import KEYS, PROJECT_KEYS, toml_value

__all__ = [
    "KEYS", "PROJECT_KEYS", "Origin", "Settings", "Source", "check_options", "data_dir",
    "locked_keys", "merge", "state_dir", "system_file", "toml_value", "user_file", "user_text",
]  # fmt: skip
