"""The one exception that users are meant to see."""


class PipelineError(Exception):
    """Bad input; str(error) is one line that names the culprit and the remedy."""
