"""Amparo: social registry, integrated beneficiary registry and virtual social registry, in one code base."""
