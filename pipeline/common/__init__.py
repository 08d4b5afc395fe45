"""Helpers that every room uses: files, errors, progress, provenance."""
