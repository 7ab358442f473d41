"""The rule language: text → typed model → reference engine and columnar engine. No Django, no input or output.

A rule is CEL text over the country's data dictionary. `check.check` turns text into a `Rule` or refuses it with line,
column, reason and remedy; `engines.reference` decides one unit, `engines.columnar` a country, and both must agree;
`trace.explain` says why. Dictionary and profile files are read elsewhere: this package knows only
`catalogue.Catalogue` and `parameters.Parameters`.
"""
