"""Acts: one install from pip's first sign to the report."""
