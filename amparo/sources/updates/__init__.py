"""Updates: what a source tells by itself happened to somebody, by one of three roads, believed and read here."""
