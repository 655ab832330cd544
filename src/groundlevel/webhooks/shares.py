"""Shares the deliveries that may be on their way among tenants and receivers, so that none can take them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from groundlevel.webhooks.model import Webhook

IN_FLIGHT = 128
"""Most deliveries on their way."""
PER_TENANT = 64
"""Most of them for one company or app: half is left to the others, however many webhooks it has."""
PER_WEBHOOK = 48
PER_FAILING_RECEIVER = 2
"""Most of them to a receiver whose last answer was a failure or late, by all webhooks of a tenant that lead to it."""
FAILING = 16
"""Most of them to failing receivers of all tenants together."""

Receiver = tuple[str, str]
"""A tenant, and the host and port that it has things sent to: what fails for one is held against no other."""


def receiver_of(webhook: Webhook) -> Receiver:
    """Where a webhook leads."""
    return _tenant_of(webhook), urlsplit(webhook.url).netloc.lower()


class Shares:
    """What is on its way, and what may be added to it."""

    def __init__(self, failing: set[Receiver], flying: Iterable[Webhook]) -> None:
        self._failing = failing
        self._by_tenant: Counter[str] = Counter()
        self._by_receiver: Counter[Receiver] = Counter()
        self._by_webhook: Counter[str] = Counter()
        self._total = self._total_failing = 0
        for webhook in flying:
            self.take(webhook, 1)

    def take(self, webhook: Webhook, count: int) -> None:
        """Counts deliveries to a webhook that are on their way now."""
        receiver = receiver_of(webhook)
        self._by_tenant[receiver[0]] += count
        self._by_receiver[receiver] += count
        self._by_webhook[webhook.id] += count
        self._total += count
        if receiver in self._failing:
            self._total_failing += count

    def load(self, webhook: Webhook) -> int:
        """How much is on its way for the webhook's tenant: whoever has least is served first."""
        return self._by_tenant[_tenant_of(webhook)]

    def room(self, webhook: Webhook) -> int:
        """How many deliveries to the webhook may be added; 0 or less for none."""
        room = min(IN_FLIGHT - self._total, PER_TENANT - self.load(webhook), PER_WEBHOOK - self._by_webhook[webhook.id])
        receiver = receiver_of(webhook)
        if receiver in self._failing:
            room = min(room, PER_FAILING_RECEIVER - self._by_receiver[receiver], FAILING - self._total_failing)
        return room


def _tenant_of(webhook: Webhook) -> str:
    return webhook.app_id or webhook.company_id or webhook.id
