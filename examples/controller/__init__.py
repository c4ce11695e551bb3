"""A small controller that keeps a cluster protected: ``python -m examples.controller``."""
