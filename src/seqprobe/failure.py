"""Failures that are explained: their messages are printed as they are."""


class JobFailed(Exception):
    """A job ended with an error; the message is its reason in one line, with what to do about it."""

    exit_code = 1
    """With which the command ends."""


class ModelsWorse(JobFailed):
    """A comparison with an earlier sweep finds models worse."""

    exit_code = 3


class ModelsUndecided(JobFailed):
    """A comparison with an earlier sweep leaves models undecided, which the user refuses."""

    exit_code = 4
