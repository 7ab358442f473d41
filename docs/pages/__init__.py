"""Pages of docs/reference that are read from the code, one function each."""
