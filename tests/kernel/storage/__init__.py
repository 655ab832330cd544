"""Tests of the engines, each on its own and all alike."""
