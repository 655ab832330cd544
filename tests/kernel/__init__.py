"""Tests of `kernel`."""
