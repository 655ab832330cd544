"""The tests of GroundLevel."""
