"""The page of the console: how it is served, and what its policy lets in."""

from __future__ import annotations

from groundlevel.kernel.storage.base import Storage
from tests.console.test_routes import scene


async def test_the_page_is_small_and_its_parts_are_kept_for_good(storage: Storage) -> None:
    async with scene(storage) as at:
        page = await at.browser.get("/console/")
        assert page.headers["cache-control"] == "no-cache"
        known = {"If-None-Match": page.headers["etag"]}
        assert (await at.browser.get("/console/", headers=known)).status_code == 304
        paths = {part.split('"')[0] for part in page.text.split('="')[1:] if part.startswith("/console/assets/")}
        size = 0
        for path in paths:
            answer = await at.browser.get(path)
            assert answer.status_code == 200
            assert answer.headers["content-encoding"] == "gzip"
            assert "immutable" in answer.headers["cache-control"]
            size += int(answer.headers["content-length"])
            plain = await at.browser.get(path, headers={"Accept-Encoding": "identity"})
            assert plain.content == answer.content
            assert "content-encoding" not in plain.headers
        assert len(paths) > 10
        assert size < 60 * 1024
        stale = await at.browser.get("/console/assets/0000000000000000/app.js")
        assert stale.status_code == 404


async def test_the_policy_lets_in_only_what_is_ours(storage: Storage) -> None:
    async with scene(storage) as at:
        policy = (await at.browser.get("/console/")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
