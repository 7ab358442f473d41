"""Paper: `child` has a letter set, `setting` sets it in a process of its own. What stands in one, each package says of its own letters."""
