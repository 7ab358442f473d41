"""The operations of the API, each beside what it declares."""
