"""Every read of programmes."""

from amparo.programmes.queries.runs import AreaCount, counts_by_area, latest_run, programme_codes, run, runs

__all__ = ["AreaCount", "counts_by_area", "latest_run", "programme_codes", "run", "runs"]
