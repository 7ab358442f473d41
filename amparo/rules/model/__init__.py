"""What a rule means: typed, frozen nodes without any trace of how they were written or are run."""
