"""Cases: everything that waits for a person, with a day, an owner and a way to the end. What it is about lies below."""
