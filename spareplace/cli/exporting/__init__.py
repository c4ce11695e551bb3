"""The commands below ``spareplace export``, one for each tool."""
