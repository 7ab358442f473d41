"""Pages for officers, supervisors and auditors: one file per noun."""
