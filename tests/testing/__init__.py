"""Tests of what test suites of others use."""
