"""What a run needs before it starts: files from other hosts, disk and memory."""
