"""The control plane of a test double: back to the start, checkpoints, faults, a clock, the requests, an inbox."""
