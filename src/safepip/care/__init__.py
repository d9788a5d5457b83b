"""Pure: how what `doctor` finds is mended, in commands for the user's shell."""
