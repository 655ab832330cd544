"""Tests of locations."""
