"""Secrets taken out of texts, before anybody reads them. Pure."""

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus, unquote

# Shorter ones are parts of too many words.
_LEAST_LETTERS = 6
_HIDDEN = "***"
# What is a secret by its form: ClickUp's tokens, and the password in an address.
_FORMS = (
    r"\bpk_[0-9]+_[A-Za-z0-9]{8,}",
    r"(?<=://)(?P<login>[^\s:/@\"']*:)(?!password@)[^\s/@\"']+(?=@)",
)
_PASSWORD = re.compile(r"(?:password|passwd|sslpassword)\s*=\s*('[^']*'|[^&\s]+)", re.IGNORECASE)


class Redactor:
    """Writes `***` for each of these secrets, however it is quoted, and for what has the form of one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in _quoted_forms(secret) if len(form) >= _LEAST_LETTERS}
        longest_first = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join([*map(re.escape, longest_first), *_FORMS]))

    def __call__(self, text: str) -> str:
        """The text without the secrets."""
        return self._pattern.sub(lambda found: f"{found['login'] or ''}{_HIDDEN}", text)


def secrets_of_url(url: str) -> set[str]:
    """What may be a password in an address of a database, also in one that no driver can read."""
    rest = url.strip().strip("'\"").partition("://")[2] or url
    found = {password.strip("'") for password in _PASSWORD.findall(url)}
    credentials, at, place = rest.rpartition("@")
    if at:
        # Somebody typed an @ within the password, or behind it.
        password = credentials.partition(":")[2]
        found |= {password, password.partition("@")[0]}
    # What is shown anyway tells nothing, and hiding it would say that it is the password.
    shown = f"{credentials.partition(':')[0]}/{_PASSWORD.sub('', place)}" if at else ""
    return {secret for secret in found if secret and secret not in re.split(r"[@:/?&=,]", shown)}


def _quoted_forms(secret: str) -> Iterator[str]:
    for plain in {secret, unquote(secret)}:
        yield from (plain, quote(plain, safe=""), quote(plain), quote_plus(plain), repr(plain)[1:-1])
        yield from (json.dumps(plain)[1:-1], json.dumps(plain, ensure_ascii=False)[1:-1])
