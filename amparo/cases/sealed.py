"""Which columns of cases are sealed: what people said in their own words."""

from amparo.trust.keys.sealed import SealedColumn

SEALED = (SealedColumn("cases_step", "said", field_class="case", place="'cases_step:' || id"),)
