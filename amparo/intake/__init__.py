"""How data comes in: files read in a child process, staged, validated, and handed to the registry whole or not at all.

Not for: what the registry does with an observation (`registry`), or asking other institutions (`sources`).
"""
