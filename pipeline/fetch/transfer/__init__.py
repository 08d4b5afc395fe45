"""Parts of `fetch.download`: remote files, their two protocols, and the partial file."""
