"""People and households, and what is known of them: membership over time, identifiers, observations and facts.

Not here: who may see it (`trust`), how it comes in (`intake`), what is decided from it (`programmes`).
"""
