"""Encoders: loading and saving, subwords, word vectors, devices and precision."""
