"""Looks: reads the machine and changes nothing."""
