"""The command line: every command is a module that is loaded when it is called."""

from spareplace.cli.program import main

__all__ = ["main"]
