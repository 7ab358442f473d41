"""The second gate: row-level security, written once for every protected table.

Each kind of scope is a database role with a policy of its own. The context is set inside the transaction only
(`trust.context`). Without a context the area role sees no row, and the web's login role is refused the table itself.
"""

# Protection and whole inherit what area and national may, and their policies (project/roles.sql).
ROLES = ("amparo_area", "amparo_national", "amparo_programme", "amparo_citizen", "amparo_partner")
EVERYONE = ", ".join(("amparo_app", "amparo_bulk", *ROLES))

# Without a scope nobody is seen. Inside coalesce() the planner takes the condition to let half the rows through; bare,
# it takes one in two hundred, and sorts a whole region to show a page of fifty (bench/rows.py: 44 times slower).
AREA_POLICY = (
    "coalesce(area_number <@ (SELECT nullif(current_setting('amparo.scope', true), '')::int8multirange), false)"
)

# Whether the transaction was given a role that sees people in danger. Written out, and inside coalesce(), so that it is not
# planned for each statement: as a function in a sub-select it was a fifth of the cost of a point read (bench/rows.py).
SHELTERS = "current_setting('role') IN ('amparo_protection', 'amparo_whole')"


def open_table(table: str, *, to: str = EVERYONE, may: str = "SELECT, INSERT, UPDATE, DELETE") -> str:
    """Return SQL that grants a table without personal data, and its sequences' use, to roles."""
    return f"GRANT {may} ON {table} TO {to};"


def protect(table: str, *, person: str | None = None, may: str = "SELECT, INSERT, UPDATE") -> str:
    """Return SQL that closes a table with a column `area_number`, and opens it by one policy per kind of scope.

    `person` names the column that holds whose row it is: then the citizen concerned may read it.
    """
    citizen = f"""
        GRANT SELECT ON {table} TO amparo_citizen;
        CREATE POLICY citizen ON {table} FOR SELECT TO amparo_citizen
            USING ({person} = (SELECT nullif(current_setting('amparo.person', true), '')::uuid));
    """
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        GRANT {may} ON {table} TO amparo_area, amparo_national;
        GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO amparo_bulk, amparo_definer;
        CREATE POLICY area ON {table} TO amparo_area USING ({AREA_POLICY}) WITH CHECK ({AREA_POLICY});
        CREATE POLICY national ON {table} TO amparo_national USING (true) WITH CHECK (true);
        {citizen if person else ""}
    """


def partition_by_month(table: str) -> str:
    """Return SQL that makes the partitions of a table for last month, this month and the year that follows."""
    return f"SELECT amparo_ensure_months('{table}', (now() - interval '1 month')::date, 14);"


def seal(
    table: str,
    column: str,
    *,
    unbound: str = "",
    others: str = "",
    to: str = "amparo_area, amparo_national, amparo_bulk",
    is_protected: bool = True,
) -> str:
    """Return SQL by which each value of a sealed column names its key, and only `amparo_sealer` may seal it anew.

    `unbound` names the columns that the sealer reads beside `id` and this one; `others` those that the roles `to` may go on
    updating. The row that a key has in `trust_key` cannot go while a value names it.
    """
    bare, forced = (f"ALTER TABLE {table} {each}FORCE ROW LEVEL SECURITY;" for each in ("NO ", ""))
    return f"""
        {bare if is_protected else ""}
        ALTER TABLE {table} ADD COLUMN {column}_key smallint
            GENERATED ALWAYS AS (get_byte({column}, 1)::smallint) STORED REFERENCES trust_key;
        SELECT nextval(format('trust_key_uses_%s', {column}_key)::regclass) FROM {table} WHERE {column} IS NOT NULL;
        {forced if is_protected else ""}
        GRANT SELECT (id, {column}, {column}_key{f", {unbound}" if unbound else ""}), UPDATE ({column}) ON {table} TO amparo_sealer;
        REVOKE UPDATE ON {table} FROM amparo_area, amparo_national, amparo_bulk;
        {f"GRANT UPDATE ({others}) ON {table} TO {to};" if others else ""}
    """


# Of whom an agreement in force lets a partner know: the areas by one policy, and by another, which can only take away,
# the programme and the consents. Both are read from the agreement's own row (trust/migrations/0008_agreements.sql).
_AGREED_AREAS = "coalesce(area_number <@ (SELECT amparo_agreed_areas()), false)"


def lend(table: str, *, only: str) -> str:
    """Return SQL that opens a protected table to a partner's agreement, for reading.

    `only`  condition on a row where the agreement does not reach everybody in its areas: `amparo_agreed_person(id)`
    """
    return f"""
        GRANT SELECT ON {table} TO amparo_partner;
        CREATE POLICY partner ON {table} FOR SELECT TO amparo_partner USING ({_AGREED_AREAS});
        CREATE POLICY partner_only ON {table} AS RESTRICTIVE FOR SELECT TO amparo_partner
            USING ((SELECT amparo_agreed_whole()) OR coalesce({only}, false));
    """


def open_to_programmes(table: str, *, only: str) -> str:
    """Return SQL that opens a protected table to those who run a programme, for reading.

    `only`  condition on a row by which the programme decided about whose row it is: `amparo_concerns(id)`
    """
    return f"""
        GRANT SELECT ON {table} TO amparo_programme;
        CREATE POLICY programme ON {table} FOR SELECT TO amparo_programme USING (coalesce({only}, false));
    """


def shelter(table: str, *, place: str = "area_number") -> str:
    """Return SQL that keeps the rows of people in danger from all roles but those that shelter them.

    Such rows lie below zero: outside every area. A further policy, which can only take away, holds it also where a scope
    was set wrongly, and of the nation, whose own policy lets everything through. `place`: what to read the place from.
    """
    seen = f"coalesce({place} >= 0 OR {SHELTERS}, false)"
    return f"""
        CREATE POLICY sheltered ON {table} AS RESTRICTIVE
            TO amparo_area, amparo_national, amparo_programme, amparo_partner USING ({seen}) WITH CHECK ({seen});
    """
