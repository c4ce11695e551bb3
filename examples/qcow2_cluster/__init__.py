"""A cluster of real qcow2 files: saved, planned, lost and rebuilt on this machine."""
