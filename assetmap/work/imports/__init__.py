"""Take in a list that somebody already keeps: look at it, say what would become of every row, then write it.

The page and the command line use the same two steps: :func:`plan_import` writes nothing, :func:`carry_out` writes what
was planned.
"""

from assetmap.work.imports.model import Difference, Outcome, Plan, Taken, lines
from assetmap.work.imports.plan import Tables, plan_import
from assetmap.work.imports.rejects import as_text, as_workbook, reject_table, write_rejects
from assetmap.work.imports.write import carry_out, tried

__all__ = [
    "Difference",
    "Outcome",
    "Plan",
    "Tables",
    "Taken",
    "as_text",
    "as_workbook",
    "carry_out",
    "lines",
    "plan_import",
    "reject_table",
    "tried",
    "write_rejects",
]
