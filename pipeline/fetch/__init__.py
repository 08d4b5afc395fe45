"""Addresses of files, and how they are fetched: web, S3, the Hugging Face Hub, packages."""
