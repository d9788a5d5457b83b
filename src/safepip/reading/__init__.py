"""Pure: pip's language: its command line, its words, its paths."""
