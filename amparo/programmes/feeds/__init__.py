"""What the systems of other programmes tell of whom they pay: read, checked, and held against the registry."""
