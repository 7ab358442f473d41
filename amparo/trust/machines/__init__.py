"""Partners' machines: letting them in, knowing who asks, and taking each message once."""
