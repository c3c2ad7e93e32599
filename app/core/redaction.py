"""Secrets taken out of texts, before anybody reads them. Pure."""

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus, unquote

# Shorter ones are parts of too many words.
_LEAST_LETTERS = 6
_HIDDEN = "***"
_TOKEN = re.compile(r"pk_[0-9]+_[A-Za-z0-9]{8,}")
# What is a secret by its form: ClickUp's tokens, and the password in an address.
_FORMS = (
    rf"\b{_TOKEN.pattern}",
    r"(?<=://)(?P<login>[^\s:/@\"']*:)(?!password@)[^\s/@\"']+(?=@)",
)
_PASSWORD = re.compile(r"(?:password|passwd|sslpassword)\s*=\s*('[^']*'|[^&\s]+)", re.IGNORECASE)


class Redactor:
    """Writes `***` for each of these secrets, however it is quoted, and for what has the form of one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = frozenset[str]()
        self._pattern = re.compile("|".join(_FORMS))
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """These too, from now on."""
        more = frozenset(secrets)
        if more <= self._secrets:
            return
        self._secrets |= more
        quoted = (form for secret in self._secrets for form in _quoted_forms(secret))
        forms = sorted({form for form in quoted if len(form) >= _LEAST_LETTERS}, key=len, reverse=True)
        self._pattern = re.compile("|".join([*map(re.escape, forms), *_FORMS]))

    def __call__(self, text: str) -> str:
        """The text without the secrets."""
        return self._pattern.sub(lambda found: f"{found['login'] or ''}{_HIDDEN}", text)


def has_token_form(secret: str) -> bool:
    """Whether it is known for one of ClickUp's tokens wherever it stands alone."""
    return _TOKEN.fullmatch(secret) is not None


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
