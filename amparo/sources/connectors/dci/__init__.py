"""Any registry that answers by the DCI standard, version 1.0.0: one synchronous search by an identifier, signed both ways."""
