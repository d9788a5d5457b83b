"""What people who work on safepip run; ``try`` and ``test`` start it from the root."""
