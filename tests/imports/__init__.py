"""Tests of `imports`."""
