"""Pure: the text of the shell integration, what stands where ``pip`` stood, for each shell."""
