"""Tests of the console: who may sign in, and what people see."""
