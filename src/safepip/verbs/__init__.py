"""Acts: what a user types, one file a verb; none calls another."""
