"""Makes a country that does not exist: its map, and a population whose every record is invented."""
