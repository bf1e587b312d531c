"""Bring files into the inbox: published archives, files and pages over HTTP, extracts."""
