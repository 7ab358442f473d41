"""Letters on paper: `printing` says what stands in one; it is set in a child process with limits (`notices.paper`)."""
