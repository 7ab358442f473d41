"""Whom a beneficiary may be whom no identifier finds: proposed by name, birth date and area, for a person to decide.

Shape   the table `sought` in, one row per beneficiary; at most three rows of `programmes_match` for each out
Units   likeness of names in per cent, of trigrams as PostgreSQL counts them; `score` 0 to 100
Nulls   a birth date, area or name that one side does not know speaks neither for nor against
Errors  none: whoever resembles nobody is proposed to nobody, and looked for again by the next delivery
Source  requirement ID-4: what is alike is proposed, never joined; a pair that a person refused is not proposed again

Looked at is whoever is born on the very day, wherever they live, and, in the area told, whoever is born on a day that agrees in
two of day, month and year: each is found by equal values, so that a country is held against a country in one pass.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from amparo.programmes.types import Found
from amparo.registry.queries import dictionary

SOUGHT = {"beneficiary_id": "uuid", "name": "text", "born": "date", "area": "text", "holder": "uuid"}
AT_MOST = 3  # of a fourth it is less likely each time that it helps whoever must look
ALIKE = 50  # per cent: José Marti and Jose Martí Pérez are alike, Yara Haddad and Omar Nasser are not

_NEAR = """extract(year FROM {a}) = extract(year FROM {b}) AND extract(month FROM {a}) = extract(month FROM {b})
    OR extract(year FROM {a}) = extract(year FROM {b}) AND extract(day FROM {a}) = extract(day FROM {b})
    OR extract(month FROM {a}) = extract(month FROM {b}) AND extract(day FROM {a}) = extract(day FROM {b})
    OR extract(year FROM {a}) = extract(year FROM {b})
        AND extract(day FROM {a}) = extract(month FROM {b}) AND extract(month FROM {a}) = extract(day FROM {b})"""
_WANTED = """
CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS
SELECT s.beneficiary_id, amparo_name_words(s.name) AS words, s.born, s.holder, a.id AS area_id, a.number, a.last_number
FROM sought s JOIN programmes_beneficiary b ON b.id = s.beneficiary_id AND b.found = 'review'
LEFT JOIN trust_area a ON a.code = s.area
"""
_ALIKE = """
WITH met AS (
    SELECT w.beneficiary_id, f.person_id FROM wanted w JOIN registry_fact_person f ON f."{born}" = w.born
        JOIN registry_person_name n ON n.person_id = f.person_id AND similarity(w.words, n.words) * 100 >= {alike} - 1
    UNION
    SELECT w.beneficiary_id, p.id FROM wanted w CROSS JOIN LATERAL (VALUES (w.number), (-w.number)) place (number)
        JOIN registry_person p ON p.area_number = place.number
        JOIN registry_fact_person f ON f.person_id = p.id AND extract(year FROM f."{born}") = extract(year FROM w.born)
        WHERE {near}
    UNION
    SELECT w.beneficiary_id, p.id FROM wanted w CROSS JOIN LATERAL (VALUES (w.number), (-w.number)) place (number)
        JOIN registry_person p ON p.area_number = place.number
        JOIN registry_fact_person f ON f.person_id = p.id AND extract(month FROM f."{born}") = extract(month FROM w.born)
            AND extract(day FROM f."{born}") = extract(day FROM w.born)
    UNION
    SELECT beneficiary_id, holder FROM wanted WHERE holder IS NOT NULL
), compared AS (
    SELECT w.beneficiary_id, p.id AS person_id, p.id = w.holder IS TRUE AS is_identified,
        CASE WHEN w.words <> '' AND n.words <> '' THEN round(similarity(w.words, n.words) * 100)::int END AS likeness,
        CASE WHEN w.born IS NULL OR f."{born}" IS NULL THEN 'unknown' WHEN w.born = f."{born}" THEN 'same'
            WHEN {near} THEN 'near' ELSE 'differs' END AS birth,
        CASE WHEN w.area_id IS NULL THEN 'unknown'
            WHEN abs(p.area_number) BETWEEN w.number AND w.last_number THEN 'same' ELSE 'differs' END AS place
    FROM met m JOIN wanted w USING (beneficiary_id) JOIN registry_person p ON p.id = m.person_id
    LEFT JOIN registry_fact_person f ON f.person_id = p.id LEFT JOIN registry_person_name n ON n.person_id = p.id
    WHERE p.deceased_on IS NULL AND p.erased_on IS NULL AND NOT EXISTS (SELECT FROM programmes_match refused
        WHERE (refused.beneficiary_id, refused.person_id, refused.state) = (m.beneficiary_id, m.person_id, 'other'))
), scored AS (
    SELECT *, least(100, coalesce(likeness, 0) * 6 / 10 + CASE birth WHEN 'same' THEN 25 WHEN 'near' THEN 12 ELSE 0 END
        + CASE place WHEN 'same' THEN 15 ELSE 0 END + CASE WHEN is_identified THEN 20 ELSE 0 END) AS score
    FROM compared WHERE likeness >= {alike} OR is_identified
)
INSERT INTO programmes_match (id, beneficiary_id, person_id, likeness, birth, place, is_identified, score, state, proposed_on)
SELECT amparo_uuid7(), beneficiary_id, person_id, likeness, birth, place, is_identified, score, 'proposed', %(on)s
FROM (SELECT *, row_number() OVER (PARTITION BY beneficiary_id ORDER BY score DESC, person_id) AS turn FROM scored) ranked
WHERE turn <= {most}
ON CONFLICT (beneficiary_id, person_id) DO UPDATE SET likeness = excluded.likeness, birth = excluded.birth,
    place = excluded.place, is_identified = excluded.is_identified, score = excluded.score
WHERE programmes_match.state IN ('proposed', 'later')
"""


def sought(part: Sequence[Mapping[str, Any]]) -> Iterator[tuple]:
    """Yield rows of `sought` of those beneficiaries whom a person must look for."""
    for each in part:
        if each["found"] == Found.REVIEW:
            name = " ".join(filter(None, (each["given_name"], each["family_name"])))
            born = date.fromisoformat(each["birth_date"]) if each["birth_date"] else None
            yield each["id"], name, born, each["area"], each["holder"]


def propose(cursor: Any, *, on: date) -> None:
    """Propose whom those may be who are `sought` in this transaction, told as of a day; what was proposed is judged anew."""
    born = dictionary(using="bulk").with_role("person", "birth_date")
    cursor.execute(_WANTED)
    if born is None or not cursor.rowcount:
        return
    cursor.execute("ANALYZE wanted")
    near = "(" + _NEAR.format(a="w.born", b=f'f."{born.name}"') + ")"
    cursor.execute(_ALIKE.format(born=born.name, near=near, alike=ALIKE, most=AT_MOST), {"on": on})
