"""Refusals about tasks."""

from __future__ import annotations

from groundlevel.kernel.errors import SHOWN, NotFound


class TaskNotFound(NotFound):
    """Task not found"""

    code = "task_not_found"
    hint = "GET /contacts/{contactId}/tasks lists the tasks of the contact with their ids."
    about = "The contact has no task with this id."

    def __init__(self, task_id: str) -> None:
        super().__init__(f"Task ({task_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> TaskNotFound:
        return cls("lJpzYrWdpkC2hX6t2yue")
