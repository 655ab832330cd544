"""Tests of `backup`."""
