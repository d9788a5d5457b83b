"""Pure: how shells quote, name and look things up."""
