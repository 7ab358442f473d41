"""On what ground personal data is used or handed over: agreements, consents, mandates."""
