"""``python -m assetmap.cli`` is ``assetmap``."""

import sys

from assetmap.cli import main

sys.exit(main())
