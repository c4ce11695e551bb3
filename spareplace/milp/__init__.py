"""The exact model: an integer program as plain data, built from a cluster and read back."""
