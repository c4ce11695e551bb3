"""Examples of clusters, and of a program that embeds the library."""
