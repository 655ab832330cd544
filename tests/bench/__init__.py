"""Tests of the benchmark: that it counts right and still runs, not how fast anything is."""
