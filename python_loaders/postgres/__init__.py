"""Reach a PostgreSQL server, or run one where there is none."""
