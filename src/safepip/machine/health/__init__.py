"""Looks: what could be wrong on this machine, a module for each kind; nothing is changed."""
