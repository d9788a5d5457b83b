"""safepip's verbs, one file each; none calls another."""
