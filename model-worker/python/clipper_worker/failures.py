"""What can go wrong, by who has to act on it."""

from __future__ import annotations


class LoadFailure(Exception):
    """The model cannot be served; the message is for whoever deployed it."""


class InvalidRequest(Exception):
    """The request is not one that the model's signature allows; the message is for its sender."""


class BadAnswer(Exception):
    """The model returned something that is not one output per row; the message is for its author."""


def in_words(error: BaseException) -> str:
    """The error's type and message in one line."""
    try:
        message = " ".join(str(error).split())
    except BaseException:  # it is the model's own, and cannot even say what it is
        message = ""
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
