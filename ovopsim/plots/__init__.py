"""One file for each question a reader asks: table in, picture out."""
