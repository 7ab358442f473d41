-- What a citizen may read, as the database itself holds it. Every function asks who the caller's account is, and works the
-- rest out from the rows: what the program says of relations opens nothing.

-- What is seen of whom: a relation, and a class of fields. `name` stands for the names and the place in the household.
-- The program has the same table for itself (registry/insight.py); a test compares the two.
CREATE TABLE registry_insight (
    relation varchar(20) NOT NULL,
    shows varchar(20) NOT NULL,
    PRIMARY KEY (relation, shows)
);
INSERT INTO registry_insight (relation, shows) VALUES
    ('self', 'name'), ('self', 'identity'), ('self', 'contact'), ('self', 'sensitive'), ('self', 'situation'),
    ('child', 'name'), ('child', 'identity'), ('child', 'contact'), ('child', 'sensitive'), ('child', 'situation'),
    ('child-elsewhere', 'name'), ('child-elsewhere', 'identity'), ('child-elsewhere', 'sensitive'),
    ('child-elsewhere', 'situation'),
    ('mandate', 'name'), ('mandate', 'identity'), ('mandate', 'contact'), ('mandate', 'situation'),
    ('member', 'name'),
    ('home', 'contact'), ('home', 'situation');

GRANT SELECT ON registry_insight, registry_setting, registry_fielddefinition TO amparo_definer;

-- Whether somebody is under the age that the profile states, by the birth date that is known of them today. Nobody of whom
-- none is known, and nobody where no age is stated: then a parent sees no more than anybody.
CREATE FUNCTION amparo_is_minor(asked uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    years int := (SELECT (value->>'majority')::int FROM registry_setting WHERE name = 'dictionary');
    field text := (SELECT name FROM registry_fielddefinition
        WHERE grain = 'person' AND definition->>'role' = 'birth_date');
    born date;
BEGIN
    IF years IS NULL OR field IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('SELECT %I FROM registry_fact_person WHERE person_id = $1', field) INTO born USING asked;
    RETURN coalesce((to_char(amparo_today(), 'YYYYMMDD')::int - to_char(born, 'YYYYMMDD')::int) / 10000 < years, false);
END $$;

-- Where somebody who lives lives now.
CREATE FUNCTION amparo_home_of(asked uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.household_id FROM registry_membership m JOIN registry_person p ON p.id = m.person_id
    WHERE m.person_id = asked AND m.ends_on IS NULL AND p.deceased_on IS NULL
$$;

-- By what right one person may look at another's record today; null: by none. The one before the other where there are two.
CREATE FUNCTION amparo_acts_for(who uuid, whom uuid) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE
        WHEN who = whom THEN 'self'
        WHEN EXISTS (
            SELECT FROM registry_relationship r JOIN registry_person p ON p.id = r.other_id AND p.deceased_on IS NULL
            WHERE r.person_id = who AND r.other_id = whom AND r.kind IN ('parent', 'guardian')
                AND r.starts_on <= amparo_today() AND (r.ends_on IS NULL OR r.ends_on >= amparo_today())
        ) AND amparo_is_minor(whom)
            THEN CASE WHEN amparo_home_of(who) = amparo_home_of(whom) THEN 'child' ELSE 'child-elsewhere' END
        WHEN EXISTS (
            SELECT FROM trust_mandate
            WHERE holder_id = who AND person_id = whom AND revoked_at IS NULL AND 'view' = ANY (scope)
                AND amparo_today() BETWEEN starts_on AND ends_on
        ) THEN 'mandate'
    END
$$;

-- Whose record the caller's transaction asks for, if it may; otherwise nobody's.
CREATE FUNCTION amparo_me() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT asked FROM (SELECT nullif(current_setting('amparo.person', true), '')::uuid AS asked) a
    WHERE amparo_acts_for(amparo_self(), asked) IS NOT NULL
$$;

-- Everybody and everything of which the caller may see something: persons, their household, what they hold; and as what.
CREATE FUNCTION amparo_seen() RETURNS TABLE (entity uuid, relation text)
    LANGUAGE sql STABLE ROWS 20 SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH viewer AS (SELECT amparo_self() AS id),
    near AS (
        SELECT id FROM viewer
        UNION SELECT r.other_id FROM registry_relationship r JOIN viewer v ON v.id = r.person_id
            WHERE r.kind IN ('parent', 'guardian')
        UNION SELECT m.person_id FROM trust_mandate m JOIN viewer v ON v.id = m.holder_id
    ),
    whom AS (
        SELECT near.id, amparo_acts_for(viewer.id, near.id) AS relation FROM near, viewer WHERE near.id IS NOT NULL
    ),
    homes AS (
        SELECT DISTINCT amparo_home_of(id) AS id FROM whom WHERE whom.relation IN ('self', 'mandate')
    ),
    people AS (
        SELECT id, whom.relation FROM whom WHERE whom.relation IS NOT NULL
        UNION ALL
        SELECT m.person_id, 'member' FROM homes
            JOIN registry_membership m ON m.household_id = homes.id AND m.ends_on IS NULL
            JOIN registry_person p ON p.id = m.person_id AND p.deceased_on IS NULL
        WHERE m.person_id NOT IN (SELECT id FROM whom WHERE whom.relation IS NOT NULL)
    )
    SELECT id, people.relation FROM people
    UNION ALL SELECT id, 'home' FROM homes WHERE id IS NOT NULL
    UNION ALL SELECT i.id, people.relation FROM people JOIN registry_item i ON i.person_id = people.id
        WHERE people.relation <> 'member'
    UNION ALL SELECT i.id, 'home' FROM homes JOIN registry_item i ON i.household_id = homes.id
$$;

-- About what a decision may be that concerns the person whose record is asked for: they, their household, their groups.
-- Of a child who lives elsewhere only what is about the child: the household is the other parent's.
CREATE FUNCTION amparo_units() RETURNS SETOF uuid
    LANGUAGE sql STABLE ROWS 5 SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH whom AS (SELECT amparo_me() AS id),
    home AS (
        SELECT amparo_home_of(id) AS id FROM whom WHERE amparo_acts_for(amparo_self(), id) <> 'child-elsewhere'
    )
    SELECT id FROM whom WHERE id IS NOT NULL
    UNION ALL SELECT id FROM home WHERE id IS NOT NULL
    UNION ALL SELECT g.id FROM home JOIN registry_group g ON g.household_id = home.id
        JOIN registry_groupmembership m ON m.group_id = g.id JOIN whom ON whom.id = m.person_id
$$;

-- What was observed of whom the caller may see, in the classes that their relation shows. A field that the dictionary does
-- not know is in no class, and shown to nobody. Without security_barrier a condition of the caller's could look inside.
CREATE VIEW registry_told WITH (security_barrier) AS
    SELECT seen.entity AS entity_id, o.subject_id, o.delivery_id, o.received_at, o.observed_on, o.source_id, o.grain,
        NULL::bigint AS area_number, coalesce(shown.values, '{}') AS "values"
    FROM amparo_seen() seen
    JOIN registry_subjectlink l ON l.entity_id = seen.entity
    JOIN registry_observation o ON o.subject_id = l.subject_id
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(v.key, v.value) AS values FROM jsonb_each(o."values") v
        JOIN registry_fielddefinition d ON d.grain = o.grain AND d.name = v.key
        JOIN registry_insight i ON i.relation = seen.relation AND i.shows =
            CASE WHEN d.definition->>'role' IN ('given_name', 'family_name', 'is_head', 'relation_to_head')
                THEN 'name' ELSE d.definition->>'field_class' END
    ) shown;

ALTER VIEW registry_told OWNER TO amparo_definer;
ALTER FUNCTION amparo_is_minor OWNER TO amparo_definer;
ALTER FUNCTION amparo_home_of OWNER TO amparo_definer;
ALTER FUNCTION amparo_acts_for OWNER TO amparo_definer;
ALTER FUNCTION amparo_me OWNER TO amparo_definer;
ALTER FUNCTION amparo_seen OWNER TO amparo_definer;
ALTER FUNCTION amparo_units OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_is_minor, amparo_home_of, amparo_acts_for FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_is_minor, amparo_home_of, amparo_acts_for TO amparo_definer;

-- Names, facts and observations are not for citizens as they lie: what they may see of them is in registry_told.
REVOKE ALL ON registry_person_name, registry_person, registry_membership, registry_identifier FROM amparo_citizen;
DROP POLICY citizen ON registry_person_name;
GRANT SELECT ON registry_told TO amparo_citizen;
-- Without the columns that say where somebody lives: of a child who lives elsewhere that is not told.
GRANT SELECT (id, number, created_at, deceased_on) ON registry_person TO amparo_citizen;
GRANT SELECT (id, person_id, household_id, starts_on, ends_on) ON registry_membership TO amparo_citizen;
GRANT SELECT (id, person_id, scheme, value, verified, contested, is_live, source_id) ON registry_identifier
    TO amparo_citizen;
GRANT SELECT (id, number, ended_on) ON registry_household TO amparo_citizen;
GRANT SELECT (id, kind, person_id, household_id, ended_on) ON registry_item TO amparo_citizen;
GRANT SELECT (id, subject_id, entity_id, starts_at, ends_at) ON registry_subjectlink TO amparo_citizen;
GRANT SELECT ON registry_group TO amparo_citizen;

ALTER POLICY citizen ON registry_person USING (id IN (SELECT entity FROM amparo_seen()));
-- Of others only that they live in a household one sees; of oneself also where one lived.
ALTER POLICY citizen ON registry_membership USING (
    person_id = (SELECT amparo_self())
    OR (ends_on IS NULL AND household_id IN (SELECT entity FROM amparo_seen() WHERE relation = 'home')));
ALTER POLICY citizen ON registry_groupmembership USING (person_id = (SELECT amparo_me()));
ALTER POLICY citizen ON registry_relationship USING (
    person_id = (SELECT amparo_self()) OR other_id = (SELECT amparo_me()));
ALTER POLICY citizen ON registry_identifier USING (person_id = (SELECT amparo_me()));
CREATE POLICY citizen ON registry_household FOR SELECT TO amparo_citizen
    USING (id IN (SELECT entity FROM amparo_seen() WHERE relation = 'home'));
CREATE POLICY citizen ON registry_item FOR SELECT TO amparo_citizen USING (id IN (SELECT entity FROM amparo_seen()));
CREATE POLICY citizen ON registry_subjectlink FOR SELECT TO amparo_citizen
    USING (entity_id IN (SELECT entity FROM amparo_seen()));
CREATE POLICY citizen ON registry_group FOR SELECT TO amparo_citizen
    USING (id IN (SELECT amparo_units()));

-- Consents are the person's own; only they take one back by themselves.
ALTER POLICY citizen ON trust_consent USING (person_id = (SELECT amparo_me()));
CREATE POLICY citizen_withdraws ON trust_consent FOR UPDATE TO amparo_citizen
    USING (person_id = (SELECT amparo_self())) WITH CHECK (person_id = (SELECT amparo_self()));
REVOKE ALL ON trust_consent FROM amparo_citizen;
GRANT SELECT (id, person_id, agreement, asked, text_id, kind, given_on, until, recorded_by, recorded_at, withdrawn_on,
    withdrawn_at, withdrawn_by) ON trust_consent TO amparo_citizen;
GRANT UPDATE (withdrawn_on, withdrawn_at, withdrawn_by) ON trust_consent TO amparo_citizen;
GRANT SELECT ON trust_consenttext, trust_agreement, trust_organisation TO amparo_citizen;

-- End what a person's own account and open invitations let in, for whoever reaches the person; return the account.
CREATE FUNCTION amparo_close_citizen(whom uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    reach int8multirange := amparo_reach();
    closed uuid;
BEGIN
    PERFORM FROM registry_person WHERE id = whom AND area_number <@ reach;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'outside the caller''s areas' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE trust_invitation SET until = now() WHERE person_id = whom AND taken_at IS NULL AND until > now();
    DELETE FROM trust_citizen WHERE person_id = whom RETURNING account_id INTO closed;
    UPDATE trust_account SET is_active = false, signed_out = signed_out + 1 WHERE id = closed;
    RETURN closed;
END $$;
ALTER FUNCTION amparo_close_citizen OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_close_citizen FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_close_citizen TO amparo_area, amparo_national;
GRANT UPDATE (is_active, signed_out) ON trust_account TO amparo_definer;

-- Invitations and mandates lie where their person lives, and go along.
CREATE TRIGGER lies_with_the_person BEFORE INSERT ON trust_invitation
    FOR EACH ROW EXECUTE FUNCTION amparo_place_consent();
CREATE TRIGGER lies_with_the_person BEFORE INSERT ON trust_mandate
    FOR EACH ROW EXECUTE FUNCTION amparo_place_consent();
CREATE FUNCTION amparo_move_mandates() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE trust_mandate SET area_number = NEW.area_number WHERE person_id = NEW.id AND area_number <> NEW.area_number;
    UPDATE trust_invitation SET area_number = NEW.area_number
        WHERE person_id = NEW.id AND area_number <> NEW.area_number;
    RETURN NULL;
END $$;
ALTER FUNCTION amparo_move_mandates OWNER TO amparo_definer;
CREATE TRIGGER mandates_move_along AFTER UPDATE OF area_number ON registry_person
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_mandates();
