"""Work without a request: `python -m jobs --help`."""
