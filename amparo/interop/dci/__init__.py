"""The DCI server: a social registry and an integrated beneficiary registry, by the messages of `amparo.dci`."""
