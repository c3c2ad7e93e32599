"""What people say under tasks. Only posting a comment moves the task's `date_updated`; all else is quiet."""

from dataclasses import replace

from app.simulator import webhook_payloads
from app.simulator.atomic import atomic
from app.simulator.comment_content import Content, plain
from app.simulator.model import Comment, Event
from app.simulator.time_edits import TimeEdits


class CommentEdits(TimeEdits):
    """Raises KeyError for ids that do not exist."""

    @atomic
    def post_comment(
        self,
        task_id: str,
        text: str | Content = "A comment",
        user_id: int | None = None,
        *,
        assignee: int | None = None,
        group: str | None = None,
    ) -> Comment:
        """Assigned at once when `assignee` or the id of a team is given."""
        with self.acting(self.actor_id() if user_id is None else user_id):
            comment = self._say(task_id, text, assignee, group, None)
            self.put_task(replace(self.tasks[task_id], date_updated=comment.date))
            self._tell_comment(comment, "taskCommentPosted")
        return comment

    @atomic
    def reply(
        self,
        comment_id: str,
        text: str | Content = "A reply",
        user_id: int | None = None,
        *,
        assignee: int | None = None,
        group: str | None = None,
    ) -> Comment:
        """An answer under a comment; it too can be assigned."""
        comment = self.comments[comment_id]
        with self.acting(self.actor_id() if user_id is None else user_id):
            answer = self._say(comment.task_id, text, assignee, group, comment.id)
            self._touch_quietly(comment.task_id)
            self._tell_comment(comment, "taskCommentUpdated")
        return answer

    def _say(
        self, task_id: str, text: str | Content, assignee: int | None, group: str | None, parent: str | None
    ) -> Comment:
        who = self.actor_id()
        content = plain(text) if isinstance(text, str) else text
        return self.put_comment(
            Comment(
                id=self.ids.number(),
                task_id=self.tasks[task_id].id,
                user_id=who,
                text=content.text,
                date=self.clock.stamp(),
                parent=parent,
                assignee=assignee,
                assigned_by=who if assignee is not None or group is not None else None,
                blocks=content.blocks,
                flat=content.flat,
                group=group,
            )
        )

    @atomic
    def edit_comment(self, comment_id: str, text: str | Content) -> Comment:
        """Another text; the date stays."""
        content = plain(text) if isinstance(text, str) else text
        comment = self.comments[comment_id]
        return self._alter(replace(comment, text=content.text, blocks=content.blocks, flat=content.flat))

    @atomic
    def assign_comment(self, comment_id: str, user_id: int | None, group: str | None = None) -> Comment:
        """To a person, to a team, to both, or to nobody with None; it is open again."""
        by = None if user_id is None and group is None else self.actor_id()
        comment = self.comments[comment_id]
        return self._alter(replace(comment, assignee=user_id, group=group, assigned_by=by, resolved=False))

    @atomic
    def react(self, comment_id: str, code: str = "1F44D", user_id: int | None = None) -> Comment:
        """Somebody gives a sign; a second time takes it back."""
        given = (code, self.actor_id() if user_id is None else self.people[user_id].id)
        comment = self.comments[comment_id]
        others = tuple(one for one in comment.reactions if one != given)
        all_given = others if given in comment.reactions else (*others, given)
        return self._alter(replace(comment, reactions=all_given))

    @atomic
    def resolve_comment(self, comment_id: str) -> Comment:
        """Marks it as done."""
        return self._alter(replace(self.comments[comment_id], resolved=True))

    @atomic
    def reopen_comment(self, comment_id: str) -> Comment:
        """Takes `resolve_comment` back."""
        return self._alter(replace(self.comments[comment_id], resolved=False))

    def _alter(self, comment: Comment) -> Comment:
        self.put_comment(comment)
        self._touch_quietly(comment.task_id)
        self._tell_comment(comment, "taskCommentUpdated")
        return comment

    @atomic
    def delete_comment(self, comment_id: str) -> None:
        """With its replies. No webhook tells of it (observed)."""
        comment = self.comments[comment_id]
        self.drop_comment(comment_id)
        self._touch_quietly(comment.task_id)

    def _tell_comment(self, comment: Comment, name: str) -> None:
        subject, items = ("task_id", comment.task_id), (webhook_payloads.comment(self, comment),)
        self.emit(Event(name, subject, self.actor_id(), self.clock.now_ms(), items))
