"""What `fetch.download` is made of: remotes, their two protocols, and the partial file."""
