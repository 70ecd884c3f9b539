"""The one base class of every failure that a user can cause or repair."""


class NascastError(Exception):
    """An expected failure whose message says what is wrong, where, and what to do next.

    The command line and the workflow's scripts print it as one line without a traceback.
    """
