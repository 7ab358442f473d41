"""Keys: where they come from, what each has sealed, and changing them while the system works."""
