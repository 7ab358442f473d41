"""Text of a rule → syntax, with places. What names mean is not known here."""
