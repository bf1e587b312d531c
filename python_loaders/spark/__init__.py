"""Reach Apache Spark: in this process, or on a server."""
