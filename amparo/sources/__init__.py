"""Sources: other institutions' databases, asked when their answer is needed and seen as one file of a household.

Knows whom to ask, on what ground, how, and what to make of the answers. What comes in by batch or by form is `intake`'s; how
the words of several sources become one fact is the registry's.
"""
