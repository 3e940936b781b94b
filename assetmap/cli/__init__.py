"""The command line: it parses and prints. The same calls stand behind the pages of the app."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from assetmap.cli.parser import make_parser
from assetmap.cli.running import DONE, PROBLEMS, WRONG_USAGE
from assetmap.errors import AssetmapError, OurError, UsageError

__all__ = ["DONE", "PROBLEMS", "WRONG_USAGE", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 found problems, 2 wrong usage.

    Examples
    --------
    >>> main(["--version"])
    Traceback (most recent call last):
    SystemExit: 0
    """
    parser = make_parser()
    asked = parser.parse_args(arguments)
    if not hasattr(asked, "run"):
        parser.print_help()
        return WRONG_USAGE
    try:
        code: int = asked.run(asked)
    except AssetmapError as fault:
        return _tell(fault, as_json=getattr(asked, "json", False))
    except KeyboardInterrupt:
        print("Stopped; nothing was left half done.", file=sys.stderr)
        return PROBLEMS
    except BrokenPipeError:
        return DONE
    return code


def _tell(fault: AssetmapError, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": fault.parts()}, ensure_ascii=False))
    report = " This is a fault in assetmap; please report it." if isinstance(fault, OurError) else ""
    print(f"{fault}{report}", file=sys.stderr)
    return WRONG_USAGE if isinstance(fault, UsageError) else PROBLEMS
