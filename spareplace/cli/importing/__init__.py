"""What ``spareplace import`` can read, a module each."""
