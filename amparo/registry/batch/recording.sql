-- The statements of `recording.py`, by name. Braces are filled with names of tables and columns, never with values.

-- name: prepare
SET LOCAL work_mem = '256MB';
SET LOCAL maintenance_work_mem = '512MB';

-- name: lock
SELECT pg_advisory_xact_lock(7266, %(source)s)

-- name: delivery
INSERT INTO registry_delivery (source_id, received_at, delivered_by, purpose, agreement, digest)
VALUES (%(source)s, %(received_at)s, %(by)s, %(purpose)s, %(agreement)s, %(digest)s)
RETURNING id

-- name: size
SELECT %(persons)s > count(*) FROM (SELECT FROM registry_person LIMIT %(persons)s) held

-- name: grown
SELECT %(persons)s > greatest(reltuples, 0) / 10 FROM pg_class WHERE oid = 'registry_person'::regclass

-- name: park indexes
SELECT amparo_park_indexes()

-- name: restore indexes
SELECT amparo_restore_indexes()

-- name: analyze
SELECT amparo_analyze_registry()

-- name: households
INSERT INTO registry_household (id, area_id, area_number, created_at)
SELECT entity_id, area_id, area_number, %(received_at)s FROM {staged} WHERE is_new

-- name: persons
INSERT INTO registry_person (id, area_id, area_number, created_at)
SELECT entity_id, area_id, area_number, %(received_at)s FROM {staged} WHERE is_new

-- name: moves
SELECT amparo_place(array_agg(entity_id), array_agg(area_id)) FROM {placed} HAVING count(*) > 0

-- name: shelter
SELECT amparo_shelter_again()

-- name: items
INSERT INTO registry_item (id, kind, person_id, household_id, area_number)
SELECT s.entity_id, '{kind}', p.id, CASE WHEN p.id IS NULL THEN s.parent_id END, s.area_number
FROM {staged} s LEFT JOIN registry_person p ON p.id = s.parent_id
WHERE s.is_new

-- name: subjects
INSERT INTO registry_subject (id, source_id, grain, source_key, area_number, last_digest)
SELECT subject_id, %(source)s, %(grain)s, key, area_number, digest FROM {staged} WHERE NOT is_known

-- name: subjects said
UPDATE registry_subject r SET last_digest = s.digest FROM {staged} s WHERE r.id = s.subject_id AND s.is_known

-- name: links
INSERT INTO registry_subjectlink (subject_id, entity_id, starts_at, ground, made_by, area_number)
SELECT subject_id, entity_id, %(received_at)s, ground, %(by)s, area_number
FROM {staged} WHERE is_new OR NOT is_known

-- name: to fold
SELECT DISTINCT entity_id FROM {staged} WHERE NOT is_new OR is_known

-- name: memberships ended
UPDATE registry_membership m SET ends_on = s.starts_on
FROM {move} s
WHERE m.person_id = s.person_id AND m.ends_on IS NULL

-- name: groups held
-- An officer who forms a group holds the household, one who ends it the group: neither does so meanwhile.
SELECT count(*) FROM (
    SELECT FROM registry_household WHERE id IN (SELECT household_id FROM {grouped}) AND created_at < %(received_at)s
    ORDER BY id FOR NO KEY UPDATE
) households
UNION ALL SELECT count(*) FROM (
    SELECT FROM registry_group WHERE ends_on IS NULL AND id IN (
        SELECT id FROM registry_group WHERE household_id IN (SELECT household_id FROM {grouped})
        UNION ALL SELECT m.group_id FROM registry_groupmembership m JOIN {move} s USING (person_id)
        WHERE m.ends_on IS NULL
    )
    ORDER BY id FOR NO KEY UPDATE
) groups

-- name: groups of the moved
-- Whoever moves out leaves the families and couples there, whether or not the delivery speaks of any.
UPDATE registry_groupmembership m SET ends_on = greatest(s.starts_on, m.starts_on)
FROM {move} s, registry_group g
WHERE m.person_id = s.person_id AND m.ends_on IS NULL
    AND g.id = m.group_id AND g.household_id <> s.household_id

-- name: groups said
-- What holds of what was said: of whom nothing newer is known, where they live. `group_id`: the group they are in.
CREATE TEMPORARY TABLE group_said ON COMMIT DROP AS
SELECT DISTINCT ON (s.person_id, s.kind) s.*, held.group_id
FROM {grouped} s
JOIN registry_membership home
    ON home.person_id = s.person_id AND home.household_id = s.household_id AND home.ends_on IS NULL
LEFT JOIN (
    SELECT m.person_id, g.kind, max(coalesce(m.ends_on, m.starts_on)) AS since,
        (array_agg(g.id ORDER BY g.starts_on, g.id) FILTER (WHERE m.ends_on IS NULL AND g.ends_on IS NULL))[1] AS group_id
    FROM registry_groupmembership m JOIN registry_group g ON g.id = m.group_id
    WHERE m.person_id IN (SELECT person_id FROM {grouped})
    GROUP BY m.person_id, g.kind
) held ON held.person_id = s.person_id AND held.kind = s.kind
WHERE (held.since IS NULL OR held.since <= s.starts_on) AND NOT EXISTS (
    SELECT FROM registry_observation o WHERE o.subject_id = s.subject_id AND o.observed_on > s.starts_on
)
ORDER BY s.person_id, s.kind, s.starts_on DESC, s.place

-- name: groups measured
ANALYZE group_said

-- name: groups matched
-- A delivered group is one that lives if each has more members in common with the other than with any else. Of equals
-- the group that began first, then the lower id; the delivered group whose text comes first.
CREATE TEMPORARY TABLE group_matched ON COMMIT DROP AS
WITH pairs AS (
    SELECT s.named, s.place, g.id, g.starts_on, count(*) AS common
    FROM group_said s JOIN registry_group g ON g.id = s.group_id AND g.household_id = s.household_id
    WHERE s.named IS NOT NULL
    GROUP BY s.named, s.place, g.id
), best AS (
    SELECT named, id,
        row_number() OVER (PARTITION BY named ORDER BY common DESC, starts_on, id) AS of_named,
        row_number() OVER (PARTITION BY id ORDER BY common DESC, place) AS of_group
    FROM pairs
)
SELECT s.named, s.household_id, s.kind, coalesce(b.id, s.named) AS group_id, b.id IS NULL AS is_new,
    min(s.starts_on) AS starts_on, min(s.area_number) AS area_number
FROM group_said s LEFT JOIN best b ON b.named = s.named AND b.of_named = 1 AND b.of_group = 1
WHERE s.named IS NOT NULL
GROUP BY s.named, s.household_id, s.kind, b.id

-- name: groups new
INSERT INTO registry_group (id, household_id, kind, starts_on, area_number)
SELECT group_id, household_id, kind, starts_on, area_number FROM group_matched WHERE is_new

-- name: groups left
UPDATE registry_groupmembership m SET ends_on = s.starts_on
FROM group_said s LEFT JOIN group_matched t USING (named), registry_group g
WHERE m.person_id = s.person_id AND m.ends_on IS NULL AND g.id = m.group_id AND g.kind = s.kind
    AND g.id IS DISTINCT FROM t.group_id

-- name: groups joined
INSERT INTO registry_groupmembership (group_id, person_id, starts_on, area_number)
SELECT t.group_id, s.person_id, s.starts_on, s.area_number
FROM group_said s JOIN group_matched t USING (named)
WHERE s.group_id IS DISTINCT FROM t.group_id

-- name: groups ended
-- Whoever left one may have been its last member.
UPDATE registry_group g SET ends_on = greatest(g.starts_on, last.ends_on)
FROM (
    SELECT group_id, max(ends_on) AS ends_on
    FROM registry_groupmembership
    WHERE group_id IN (
        SELECT m.group_id FROM registry_groupmembership m
        WHERE m.ends_on IS NOT NULL AND m.person_id IN (
            SELECT person_id FROM {grouped} UNION ALL SELECT person_id FROM {move}
        )
    )
    GROUP BY group_id HAVING bool_and(ends_on IS NOT NULL)
) last
WHERE g.id = last.group_id AND g.ends_on IS NULL

-- name: identifiers contested
INSERT INTO registry_identifier
    (id, person_id, scheme, value, {index}, verified, is_live, contested, source_id, area_number)
SELECT s.id, s.person_id, s.scheme, s.value, s.blind_index, s.verified, false, true, %(source)s, s.area_number
FROM {identifier} s
WHERE NOT EXISTS (
    SELECT FROM registry_identifier held
    WHERE held.person_id = s.person_id AND held.scheme = s.scheme AND held.{index} = s.blind_index
)

-- name: contacts
INSERT INTO registry_contact (id, subject_id, field, digest, value, area_number)
SELECT id, subject_id, field, digest, value, area_number FROM {contact}
ON CONFLICT (subject_id, field, digest) DO NOTHING

-- name: relationships
INSERT INTO registry_relationship (person_id, other_id, kind, starts_on, source_id, area_number)
SELECT s.person_id, s.other_id, s.kind, s.starts_on, %(source)s, s.area_number
FROM {relationship} s
WHERE NOT EXISTS (
    SELECT FROM registry_relationship held
    WHERE held.person_id = s.person_id AND held.other_id = s.other_id AND held.kind = s.kind AND held.ends_on IS NULL
)

-- name: names forgotten
DELETE FROM registry_person_name n USING {staged} s WHERE n.person_id = s.entity_id AND (NOT s.is_new OR s.is_known)

-- name: names folded
INSERT INTO registry_person_name (person_id, words, area_number)
SELECT f.person_id, amparo_name_words(concat_ws(' ', {folded})), f.area_number
FROM registry_fact_person f
WHERE num_nonnulls({folded}) > 0 AND f.person_id IN (SELECT entity_id FROM {staged} WHERE NOT is_new OR is_known)
