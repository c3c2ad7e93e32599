"""What a command warns of before it begins."""

import os

from app.cli.output import errors


def warn_about_rights() -> None:
    """One line where the command runs as root."""
    if os.name == "posix" and os.geteuid() == 0:
        errors.print(
            "Warning: Running as root, which clickup-sync does not need: run it as a user of its own.",
            style="yellow", soft_wrap=True,
        )  # fmt: skip
