"""What an examination says of one thing."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["good", "mind", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it stands, and what to do (empty when nothing is)."""

    subject: str
    verdict: Verdict
    found: str
    advice: str = ""
