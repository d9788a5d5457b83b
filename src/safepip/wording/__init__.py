"""Pure: every sentence that a user reads."""
