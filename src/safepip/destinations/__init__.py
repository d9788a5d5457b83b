"""Acts: how a decision is carried out, one file per destination, one interface (``job.py``)."""
