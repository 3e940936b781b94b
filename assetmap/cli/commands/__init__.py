"""What each command does, a room for each act: it calls what the pages call, and prints."""

from assetmap.cli.commands.checking import check, report
from assetmap.cli.commands.documenting import write_paperwork
from assetmap.cli.commands.finding import gaps
from assetmap.cli.commands.handing import export, verify
from assetmap.cli.commands.keeping import back_up, restore
from assetmap.cli.commands.making import make
from assetmap.cli.commands.naming import name
from assetmap.cli.commands.opening import serve_app, show_demo
from assetmap.cli.commands.taking import add, fetch
from assetmap.cli.commands.updating import look_for_changes

__all__ = [
    "add",
    "back_up",
    "check",
    "export",
    "fetch",
    "gaps",
    "look_for_changes",
    "make",
    "name",
    "report",
    "restore",
    "serve_app",
    "show_demo",
    "verify",
    "write_paperwork",
]
