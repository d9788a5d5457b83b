"""Acts: reads and edits the user's shell profiles."""
