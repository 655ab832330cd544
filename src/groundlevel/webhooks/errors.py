"""Refusals about webhooks and their deliveries."""

from __future__ import annotations

from groundlevel.kernel.errors import SHOWN, BadRequest, NotFound


class UrlForbidden(BadRequest):
    """The URL cannot be delivered to"""

    code = "url_forbidden"
    hint = "Use http or https and a public address; the setting webhook_networks lets other networks in."
    about = (
        "Webhooks are not sent to private, link-local or metadata addresses, so that nobody can make the server "
        "call what only it can reach. Loopback is allowed unless the server listens for other machines."
    )

    @classmethod
    def example(cls) -> UrlForbidden:
        return cls("Webhooks are not sent to 10.0.0.1, which is not a public address")


class WebhookNotFound(NotFound):
    """Webhook not found"""

    code = "webhook_not_found"
    hint = "GET /x/webhooks?locationId= or `groundlevel webhooks list` shows them."
    about = "No webhook with this id is in reach of the token."

    def __init__(self, webhook_id: str) -> None:
        super().__init__(f"Webhook ({webhook_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> WebhookNotFound:
        return cls("668fa61b0802420000000003")


class DeliveryNotFound(NotFound):
    """Delivery not found"""

    code = "delivery_not_found"
    hint = "`groundlevel webhooks log` shows the deliveries; they are kept for 30 days."
    about = "No delivery has this webhookId."

    def __init__(self, delivery_id: str) -> None:
        super().__init__(f"Delivery ({delivery_id[:SHOWN]}) not found")

    @classmethod
    def example(cls) -> DeliveryNotFound:
        return cls("8a1f1f0a-6d3e-4a7e-9f5b-0c1d2e3f4a5b")
