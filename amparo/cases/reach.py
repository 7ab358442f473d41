"""Which cases a programme's people reach, and which appeals keep a decision from taking effect: as conditions on rows."""

# Of a programme's own, and of nobody's in danger (`trust.scope` sees to that). The database holds the same (0001_gates.sql).
OF_PROGRAMMES = {"cases_case": "{row}.programme = ANY (%s)"}
# `n` is a notice (`programmes.suspending`). Over is an appeal that was dismissed or executed; one that was upheld is not yet.
SUSPENDED = """EXISTS (SELECT FROM cases_case a WHERE a.decision_id = n.decision_id AND a.kind = 'appeal'
    AND a.suspends AND a.closed_at IS NULL)"""
