"""Two engines for one meaning: `reference`, one unit in plain Python; `columnar`, a country through Ibis."""
