"""How long a test waits for a fact."""

PATIENCE_S = 150
"""Long: on a busy machine everything takes its time."""
