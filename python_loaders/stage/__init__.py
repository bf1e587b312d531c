"""Expose the live deliveries in a target engine."""
