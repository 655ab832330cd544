"""The throw-away clusters: apart from each other, shared by workers, with and without pg_trgm, gone afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import asyncpg

from tests.needs import postgres_binaries, require_trigrams
from tests.postgres import Cluster, fresh_database
from tests.world import wait_until

ROOT = Path(__file__).parent.parent


async def _ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_databases_are_apart_and_dropped(postgres_server: str) -> None:
    count = "SELECT count(*) FROM pg_database WHERE datname LIKE 'test\\_%'"
    with fresh_database(postgres_server) as one, fresh_database(postgres_server) as two:
        await _ask(one, "CREATE TABLE here (id int)")
        assert await _ask(one, "SELECT to_regclass('here')::text") == "here"
        assert await _ask(two, "SELECT to_regclass('here')::text") is None
        assert one.rpartition("/")[2] in str(await _ask(postgres_server, "SELECT array_agg(datname) FROM pg_database"))
        left = one.rpartition("/")[2]
    assert await _ask(postgres_server, f"{count} AND datname = '{left}'") == 0


async def test_a_template_is_copied(postgres_server: str) -> None:
    with fresh_database(postgres_server) as template:
        await _ask(template, "CREATE TABLE copied (id int)")
        with fresh_database(postgres_server, template=template.rpartition("/")[2]) as url:
            assert await _ask(url, "SELECT to_regclass('copied')::text") == "copied"


async def test_text_is_utf8_in_code_point_order(postgres_server: str) -> None:
    question = "SELECT pg_encoding_to_char(encoding) || ' ' || datcollate FROM pg_database WHERE datname = 'postgres'"
    assert await _ask(postgres_server, question) == "UTF8 C"


async def test_a_durable_cluster_waits_for_the_disk() -> None:
    cluster = Cluster(postgres_binaries(), durable=True)
    try:
        assert await _ask(cluster.url, "SELECT current_setting('fsync')") == "on"
    finally:
        cluster.stop()
    assert not cluster.directory.exists()


async def test_the_machines_own_has_trigrams(postgres_server: str) -> None:
    require_trigrams()
    assert await _ask(postgres_server, "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'") == 1


async def test_the_packaged_one_has_none(postgres_without_trigrams: str) -> None:
    question = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"
    assert await _ask(postgres_without_trigrams, question) == 0


def test_a_database_for_each_engine(engine_name: str, database_url: str) -> None:
    assert database_url.startswith({"sqlite": "sqlite:///", "postgres": "postgresql://"}[engine_name])


def test_a_killed_run_leaves_nothing() -> None:
    program = (
        "import pathlib, sys, time; from tests.postgres import Cluster\n"
        "cluster = Cluster(pathlib.Path(sys.argv[1]))\n"
        "print(cluster.directory, cluster.data, flush=True); time.sleep(600)\n"
    )
    command = [sys.executable, "-c", program, str(postgres_binaries())]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        directories = [Path(name) for name in child.stdout.readline().split()]
        assert all(directory.exists() for directory in directories)
        child.kill()
    wait_until(lambda: not any(directory.exists() for directory in directories))
