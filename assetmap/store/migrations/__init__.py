"""The store's schema, step by step, run by Alembic from inside the package."""
