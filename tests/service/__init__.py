"""Tests of the rules, on every engine."""
