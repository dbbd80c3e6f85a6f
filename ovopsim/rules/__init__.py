"""The nine rules of a month; a rule that does not fit a file is a folder."""
