"""A page that draws word links. No step depends on it, so that edits of it rerun nothing."""
