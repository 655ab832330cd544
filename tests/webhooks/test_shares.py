"""How many deliveries may be on their way to whom: dead receivers of one tenant take nothing from another."""

from __future__ import annotations

from groundlevel.webhooks.model import Webhook
from groundlevel.webhooks.shares import (
    FAILING,
    IN_FLIGHT,
    PER_FAILING_RECEIVER,
    PER_TENANT,
    PER_WEBHOOK,
    Receiver,
    Shares,
    receiver_of,
)


def webhook(number: int, company: str = "one", *, host: str | None = None) -> Webhook:
    """A webhook of a company, at a receiver of its own unless a host is named."""
    url = f"https://{host or f'{company}-{number}.example'}/hooks/{number}"
    return Webhook(f"{company}-{number}", None, company, None, url, (), None, 0)


def fill(webhooks: list[Webhook], failing: set[Receiver] | None = None) -> Shares:
    """All that may be on its way to these webhooks, each of which has more than enough due."""
    shares = Shares(failing or set(), ())
    for each in webhooks:
        shares.take(each, max(0, shares.room(each)))
    return shares


def test_fifty_webhooks_of_one_tenant_leave_half_to_the_others() -> None:
    mine = [webhook(n) for n in range(50)]
    shares = fill(mine)
    assert shares.load(mine[0]) == PER_TENANT
    assert all(shares.room(each) <= 0 for each in mine)
    assert shares.room(webhook(1, "two")) == PER_WEBHOOK


def test_whoever_has_least_on_its_way_comes_first() -> None:
    mine, other = [webhook(n) for n in range(50)], webhook(1, "two")
    shares = fill(mine)
    assert min([*mine, other], key=shares.load) is other


def test_receivers_that_fail_get_little_each_and_together() -> None:
    everybody = [webhook(n, company) for company in ("one", "two", "three") for n in range(50)]
    shares = fill(everybody, {receiver_of(each) for each in everybody})
    assert sum(shares.load(webhook(0, company)) for company in ("one", "two", "three")) == FAILING
    assert shares.room(webhook(1, "four")) == PER_WEBHOOK


def test_webhooks_that_lead_to_one_failing_receiver_share_what_it_gets() -> None:
    mine = [webhook(n, host="dead.example:8443") for n in range(50)]
    shares = fill(mine, {receiver_of(mine[0])})
    assert shares.load(mine[0]) == PER_FAILING_RECEIVER


def test_what_a_receiver_does_to_one_tenant_is_not_held_against_another() -> None:
    shares = fill([], {receiver_of(webhook(1, "one", host="shared.example"))})
    assert shares.room(webhook(1, "two", host="shared.example")) == PER_WEBHOOK


def test_what_is_on_its_way_counts_from_the_start() -> None:
    flying = [webhook(n, str(n)) for n in range(IN_FLIGHT - 3)]
    assert Shares(set(), flying).room(webhook(1, "new")) == 3
