"""Runs safepip on the Python that was started: ``python -m safepip``."""

import os
import sys

# ``-m`` puts the working directory first on sys.path: a pip.py or signal.py that lies there must
# not be imported in place of the real one. The package itself is found already.
if not getattr(sys.flags, "safe_path", False) and sys.path[:1] in ([""], [os.getcwd()]):
    del sys.path[0]

from safepip.cli import main

raise SystemExit(main(as_module=True))
