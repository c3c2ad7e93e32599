"""Who comes and goes, and which tokens open the door. No webhook tells of it (observed)."""

from dataclasses import replace
from typing import Any

from app.simulator.atomic import atomic
from app.simulator.comment_edits import CommentEdits
from app.simulator.model import Person, Role


class PeopleEdits(CommentEdits):
    """Raises KeyError for ids and tokens that do not exist. Where no token is named it is the owner's."""

    @atomic
    def join(self, username: str | None, *, role: Role = Role.MEMBER, email: str = "") -> Person:
        """A new person; with the name None somebody who was invited and has not come yet."""
        user_id = max(self.people) + 1
        person = Person(user_id, username, email or f"person{user_id}@example.com", role, "#7b68ee")
        return self._put_person(person)

    @atomic
    def leave(self, user_id: int) -> Person:
        """The person vanishes from the members; their time and comments stay."""
        return self._put_person(replace(self.people[user_id], left=True))

    @atomic
    def edit_person(self, user_id: int, **changes: Any) -> Person:
        """Any fields of `Person`: another name, another role."""
        return self._put_person(replace(self.people[user_id], **changes))

    def _put_person(self, person: Person) -> Person:
        self.people[person.id] = person
        self.reframe()
        return person

    @atomic
    def token_for(self, user_id: int) -> str:
        """A further token of that person."""
        token = f"pk_{self.people[user_id].id}_{self.ids.secret()[:32]}"
        self.tokens[token] = user_id
        return token

    @atomic
    def oauth_token_for(self, user_id: int) -> str:
        """A token that this person gave an app by OAuth."""
        token = f"{self.people[user_id].id}_{self.ids.secret()}"
        self.tokens[token] = user_id
        return token

    @atomic
    def kill_token(self, token: str | None = None) -> None:
        """Every call with it is a 401 that says the token is dead, until it is revived."""
        self.dead_tokens.add(self._known_token(token))

    @atomic
    def revive_token(self, token: str | None = None) -> None:
        """Takes `kill_token` back."""
        self.dead_tokens.discard(self._known_token(token))

    @atomic
    def replace_token(self, token: str | None = None) -> str:
        """A new token of the same person; the old one is dead. The owner's becomes `token`."""
        old = self._known_token(token)
        new = self.token_for(self.tokens[old])
        self.dead_tokens.add(old)
        if old == self.token:
            self.token = new
        return new

    def _known_token(self, token: str | None) -> str:
        wanted = self.token if token is None else token
        if wanted not in self.tokens:
            raise KeyError("nobody has this token")
        return wanted
