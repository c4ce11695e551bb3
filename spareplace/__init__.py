"""Plan where the spare images of virtual machines are kept, so that recovery transfers least."""

__version__ = "0.1.0"
