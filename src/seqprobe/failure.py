"""Failures that are explained: their messages are printed as they are."""


class JobFailed(Exception):
    """A job ended with an error; the message is its reason in one line, with what to do about it."""
