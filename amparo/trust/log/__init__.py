"""The audit log: writing it, sealing it, proving it, and telling people what of it is about them."""
