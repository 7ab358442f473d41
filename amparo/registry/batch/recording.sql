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
SELECT count(*) >= %(from)s AND count(*) > (SELECT count(*) FROM (SELECT FROM registry_person LIMIT 10000000) held)
FROM {staged}

-- name: grown
SELECT count(*) >= %(from)s
    AND count(*) > (SELECT greatest(reltuples, 0) / 10 FROM pg_class WHERE oid = 'registry_person'::regclass)
FROM {staged}

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
FROM {membership} s
WHERE m.person_id = s.person_id AND m.ends_on IS NULL AND NOT s.is_first

-- name: memberships
INSERT INTO registry_membership (person_id, household_id, starts_on, area_number)
SELECT person_id, household_id, starts_on, area_number FROM {membership}

-- name: identifiers
INSERT INTO registry_identifier
    (id, person_id, scheme, value, blind_index, verified, is_live, contested, source_id, area_number)
SELECT id, person_id, scheme, value, blind_index, verified, true, false, %(source)s, area_number
FROM {identifier} WHERE is_live

-- name: identifiers contested
INSERT INTO registry_identifier
    (id, person_id, scheme, value, blind_index, verified, is_live, contested, source_id, area_number)
SELECT s.id, s.person_id, s.scheme, s.value, s.blind_index, s.verified, false, true, %(source)s, s.area_number
FROM {identifier} s
WHERE NOT s.is_live AND NOT EXISTS (
    SELECT FROM registry_identifier held
    WHERE held.person_id = s.person_id AND held.scheme = s.scheme AND held.blind_index = s.blind_index
)

-- name: relationships
INSERT INTO registry_relationship (person_id, other_id, kind, starts_on, source_id, area_number)
SELECT s.person_id, s.other_id, s.kind, s.starts_on, %(source)s, s.area_number
FROM {relationship} s
WHERE NOT EXISTS (
    SELECT FROM registry_relationship held
    WHERE held.person_id = s.person_id AND held.other_id = s.other_id AND held.kind = s.kind AND held.ends_on IS NULL
)

-- name: names
-- Each distinct name is made plain once: the function costs more than the joins.
WITH plain AS MATERIALIZED (
    SELECT name, amparo_name_words(name) AS words FROM ({distinct}) said WHERE name IS NOT NULL
)
INSERT INTO registry_person_name (person_id, words, area_number)
SELECT s.entity_id, concat_ws(' ', {words}), s.area_number
FROM {staged} s {joins}
WHERE num_nonnulls({names}) > 0 AND s.is_new AND NOT s.is_known

-- name: names forgotten
DELETE FROM registry_person_name n USING {staged} s WHERE n.person_id = s.entity_id AND (NOT s.is_new OR s.is_known)

-- name: names folded
INSERT INTO registry_person_name (person_id, words, area_number)
SELECT f.person_id, amparo_name_words(concat_ws(' ', {folded})), f.area_number
FROM registry_fact_person f
WHERE num_nonnulls({folded}) > 0 AND f.person_id IN (SELECT entity_id FROM {staged} WHERE NOT is_new OR is_known)
