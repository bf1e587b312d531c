"""The warehouse as it stood after an earlier commit."""
