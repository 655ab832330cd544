"""Tests of `crm`."""
