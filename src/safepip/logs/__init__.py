"""Pure: reads somebody's pip log and explains it."""
