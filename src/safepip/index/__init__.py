"""Looks: what a requirement is, asked of the package index."""
