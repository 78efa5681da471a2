"""A job of several ended with an error."""


class JobFailed(Exception):
    """A job ended with an error; the message is its reason in one line."""
