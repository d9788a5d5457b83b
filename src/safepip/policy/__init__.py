"""Pure: decides where an install goes."""
