"""Programmes: their rules, whom they hold true for, and the decisions that follow. Payments are above, rules below."""
