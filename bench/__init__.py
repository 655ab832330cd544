"""Measures the budgets of the design as ratios against ceilings measured in the same run."""
