"""What every room uses: files, errors, progress, provenance."""
