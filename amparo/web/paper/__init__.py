"""Letters on paper: `printing` says what stands in one, `setting` sets it in a child process with limits."""
