"""What a worker shows of its work, by which others know when nothing is left to be delivered."""

from __future__ import annotations

from typing import Any

import pytest

from groundlevel.kernel.storage.base import Progress
from tests.webhooks.conftest import Post
from tests.webhooks.receiver import becomes


async def test_a_worker_shows_what_it_has_begun_before_the_database_does(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = await post.subscribe()
    shown: list[int] = []
    write = post.storage.write

    async def look_and_write(location: Any, work: Any, **options: Any) -> Any:
        shown.append(post.storage.progress["deliveries"]().unfinished)
        answer = await write(location, work, **options)
        shown.append(post.storage.progress["deliveries"]().unfinished)
        return answer

    await post.world.create({"name": "first"})
    async with post.working():
        idle = post.storage.progress["deliveries"]()
        monkeypatch.setattr(post.storage, "write", look_and_write)
        await post.wait_for(webhook, "delivered")
        await becomes(lambda: _progress(post), lambda progress: progress.unfinished == 0)
        done = post.storage.progress["deliveries"]()
    assert (idle.unfinished, idle.begun) == (0, 0)
    assert done.begun >= 2, "a round has leased it, and one has recorded what came of it"
    assert all(shown[: 2 * done.begun])


async def _progress(post: Post) -> Progress:
    return post.storage.progress["deliveries"]()
