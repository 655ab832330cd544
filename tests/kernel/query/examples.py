"""Searches as sent, each with the plan it means or the refusal it meets."""

from __future__ import annotations

from tests.kernel.query import filter_examples, relation_examples, request_examples

EXAMPLES = (*filter_examples.EXAMPLES, *relation_examples.EXAMPLES, *request_examples.EXAMPLES)
