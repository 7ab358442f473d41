"""Who may see and do what, where, and on what ground; and the record of it.

Owns accounts, roles, the area tree (scope needs it), purposes, the audit log and the encryption of fields.
Not here: what is known of people (`registry`).
"""
