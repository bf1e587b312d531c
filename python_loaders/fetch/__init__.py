"""Bring published archives into the inbox."""
