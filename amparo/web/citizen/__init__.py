"""The citizens' pages: what is held about somebody, who used it, why, and what they may decide about it themselves."""
