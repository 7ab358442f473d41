"""What every other package may rely on: ids, clock, dates, money, messages, errors, events. No Django, no input or output."""
