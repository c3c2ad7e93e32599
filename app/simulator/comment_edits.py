"""What people say under tasks. Only posting a comment moves the task's `date_updated`; all else is quiet."""

from dataclasses import replace

from app.simulator import telling
from app.simulator.atomic import atomic
from app.simulator.model import Comment, Event
from app.simulator.time_edits import TimeEdits


class CommentEdits(TimeEdits):
    """Raises KeyError for ids that do not exist."""

    @atomic
    def post_comment(
        self,
        task_id: str,
        text: str = "A comment",
        user_id: int | None = None,
        *,
        assignee: int | None = None,
    ) -> Comment:
        """Assigned at once when `assignee` is given."""
        comment = self._say(task_id, text, user_id, assignee, None)
        self.put_task(replace(self.tasks[task_id], date_updated=comment.date))
        self._tell_comment(comment, "taskCommentPosted")
        return comment

    @atomic
    def reply(
        self,
        comment_id: str,
        text: str = "A reply",
        user_id: int | None = None,
        *,
        assignee: int | None = None,
    ) -> Comment:
        """An answer under a comment; it too can be assigned."""
        comment = self.comments[comment_id]
        answer = self._say(comment.task_id, text, user_id, assignee, comment.id)
        self._touch_quietly(comment.task_id)
        self._tell_comment(comment, "taskCommentUpdated")
        return answer

    def _say(
        self, task_id: str, text: str, user_id: int | None, assignee: int | None, parent: str | None
    ) -> Comment:
        who = self.owner().id if user_id is None else self.people[user_id].id
        return self.put_comment(
            Comment(
                id=self.ids.number(),
                task_id=self.tasks[task_id].id,
                user_id=who,
                text=text,
                date=self.clock.stamp(),
                parent=parent,
                assignee=assignee,
                assigned_by=who if assignee is not None else None,
            )
        )

    @atomic
    def edit_comment(self, comment_id: str, text: str) -> Comment:
        """Another text; the date stays."""
        return self._alter(replace(self.comments[comment_id], text=text))

    @atomic
    def assign_comment(self, comment_id: str, user_id: int | None) -> Comment:
        """To a person, or to nobody with None; it is open again."""
        by = self.owner().id if user_id is not None else None
        return self._alter(
            replace(self.comments[comment_id], assignee=user_id, assigned_by=by, resolved=False)
        )

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
        subject, items = ("task_id", comment.task_id), (telling.comment(self, comment),)
        self.emit(Event(name, subject, comment.user_id, self.clock.now_ms(), items))
