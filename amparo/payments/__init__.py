"""Payments: lists made of enrolments, checked, approved, taken to who pays, and held against what comes back.

Not for who is enrolled or for how much (`programmes`), and not for what a person must look into (`cases`).
"""
