"""`python -m ovopsim.cli`: the command line without its script."""

import sys

from ovopsim.cli import main

sys.exit(main())
