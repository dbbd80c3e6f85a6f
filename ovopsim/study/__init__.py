"""Runs in numbers: which worlds are run, what is kept of them, what identifies them, and where they are stored."""
