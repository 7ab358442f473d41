"""Who somebody is: every way of signing in, what each must prove, and how often it may be tried."""
