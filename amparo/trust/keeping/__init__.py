"""How long personal data is kept, what erases it, and the proof that it was."""
