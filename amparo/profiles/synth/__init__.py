"""Makes a country that does not exist: its map, and a population whose every record is invented."""

from amparo.profiles.synth.population import Summary, generate

__all__ = ["Summary", "generate"]
