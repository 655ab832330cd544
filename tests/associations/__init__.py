"""Tests of `associations`."""
