"""Another institution's PostgreSQL database, read only, one row by its key."""
