"""Files of users: which ones params name, and fingerprints by which DVC notices their changes."""
