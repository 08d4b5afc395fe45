"""Addresses of files, and their download from the web, S3, the Hugging Face Hub and packages."""
