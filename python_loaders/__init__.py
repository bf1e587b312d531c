"""Contrail's loaders: from files as delivered to typed, committed Parquet and raw relations.

The flow goes one way, and a module imports only from what lies before it:
contract -> fetch -> extract -> landing -> stage -> query and status -> cli.
"""

from importlib import metadata

try:
    __version__ = metadata.version("contrail")
except metadata.PackageNotFoundError:  # run from a clone that is not installed
    __version__ = "0+source"
