"""pip that never leaves you stuck: see ``safepip --help`` and README.md."""

__version__ = "0.1.0"
