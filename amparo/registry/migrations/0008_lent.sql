-- Whom an agreement lets a partner know of, row by row, where it does not reach everybody in its areas. These functions look
-- past row security, because whether a whole household agreed cannot be told from the rows of those who did.

-- Whether a programme grants a unit something: nobody, until programmes are there to say (programmes/migrations).
CREATE FUNCTION amparo_granted(programme text, unit uuid) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT false $$;

CREATE FUNCTION amparo_consents(person uuid, to_what text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM trust_consent
        WHERE person_id = person AND asked = to_what AND withdrawn_at IS NULL
            AND given_on <= amparo_today() AND (until IS NULL OR until >= amparo_today()))
$$;

CREATE FUNCTION amparo_agreed_person(person uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (NOT needs_consent OR amparo_consents(person, asked)) AND (programme = '' OR amparo_granted(programme, person))
    FROM amparo_agreement()
$$;

-- A household is everybody's in it: where consent is needed, that of each living member.
CREATE FUNCTION amparo_agreed_household(household uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (NOT needs_consent OR (
            SELECT coalesce(bool_and(amparo_consents(member.person_id, asked)), false)
            FROM registry_membership member JOIN registry_person person ON person.id = member.person_id
            WHERE member.household_id = household AND member.ends_on IS NULL AND person.deceased_on IS NULL))
        AND (programme = '' OR amparo_granted(programme, household))
    FROM amparo_agreement()
$$;

CREATE FUNCTION amparo_agreed_entity(grain text, entity uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT CASE grain WHEN 'person' THEN amparo_agreed_person(entity)
        WHEN 'household' THEN amparo_agreed_household(entity) ELSE false END
$$;

-- A consent lies where its person lives, and goes along.
CREATE FUNCTION amparo_place_consent() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT area_number INTO NEW.area_number FROM registry_person WHERE id = NEW.person_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a consent is of a person' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lies_with_the_person BEFORE INSERT ON trust_consent
    FOR EACH ROW EXECUTE FUNCTION amparo_place_consent();

CREATE FUNCTION amparo_move_consents() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE trust_consent SET area_number = NEW.area_number
        WHERE person_id = NEW.id AND area_number <> NEW.area_number;
    RETURN NULL;
END $$;
CREATE TRIGGER consents_move_along AFTER UPDATE OF area_number ON registry_person
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_consents();

ALTER FUNCTION amparo_consents OWNER TO amparo_definer;
ALTER FUNCTION amparo_agreed_person OWNER TO amparo_definer;
ALTER FUNCTION amparo_agreed_household OWNER TO amparo_definer;
ALTER FUNCTION amparo_place_consent OWNER TO amparo_definer;
ALTER FUNCTION amparo_move_consents OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_consents FROM PUBLIC;
