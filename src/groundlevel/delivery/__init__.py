"""From the outbox to the world: events become deliveries, and deliveries are signed and sent."""
