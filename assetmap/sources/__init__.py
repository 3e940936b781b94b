"""One module for each origin of data: ``KIND`` names it, its functions return plain tables.

A source reads files or services that somebody else made, so it trusts nothing: what it cannot take it refuses
in one sentence naming file, row, column, value and what to do.
"""
