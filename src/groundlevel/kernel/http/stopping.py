"""By what name connections find what is to be called when the server begins to stop."""

from __future__ import annotations

from typing import Final

STOPPING: Final = "stopping"
"""A member of the state that the application shares with its connections: it ends what would go on for ever."""
