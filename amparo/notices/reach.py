"""Which sendings a programme's people reach, as a condition on rows: those about its own decisions, of nobody in danger."""

# `trust.scope` leaves out who is in danger. The database holds the same (0002_gates.py).
OF_PROGRAMMES = {"notices_sending": "{row}.programme = ANY (%s)"}
