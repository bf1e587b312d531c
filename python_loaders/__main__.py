"""Run the command line as `python -m python_loaders`."""

from python_loaders.cli import app

if __name__ == "__main__":
    app(prog_name="contrail")
