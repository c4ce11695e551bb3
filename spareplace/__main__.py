"""``python -m spareplace``: the command line."""

from spareplace.cli import main

if __name__ == "__main__":
    main()
