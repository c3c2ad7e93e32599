"""The queues that jobs wait in; a module of its own, because the command line offers them."""

from enum import StrEnum


class Queue(StrEnum):
    """Jobs that take long have a queue of their own, so that they never take the place of a short one."""

    WEBHOOKS = "webhooks"
    SHORT = "short"
    LONG = "long"
