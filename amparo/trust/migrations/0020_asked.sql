-- What a machine's request needs to know, by few questions: each of these asks anew, with no more rights than whoever asks.

-- Whoever changes an agreement waits for the pages that are being read under it, and they see it as it was. A page holds the
-- lock shared (amparo_open_page); the one who changes alone. A page that comes later finds what was changed.
CREATE FUNCTION amparo_wait_for_pages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7272, hashtext(OLD.id::text));
    RETURN NEW;
END $$;
CREATE TRIGGER waits_for_pages BEFORE UPDATE ON trust_agreement
    FOR EACH ROW EXECUTE FUNCTION amparo_wait_for_pages();

-- An agreement as it stands, with its parties' codes, its areas' numbers, and the last day of its purpose. The same text is
-- the same agreement.
CREATE FUNCTION amparo_stated(which uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT to_jsonb(agreement) || jsonb_build_object(
            'provider', provider.code, 'consumer', consumer.code,
            'consumer_key', encode(consumer.pseudonym_key, 'base64'), 'purpose_ends_on', purpose.last_day,
            'ranges', (
                SELECT coalesce(jsonb_agg(jsonb_build_array(area.number, area.last_number)
                                          ORDER BY area.number, area.last_number), '[]')
                FROM trust_area area WHERE area.code = ANY (agreement.areas)))
        FROM trust_agreement agreement
        JOIN trust_organisation provider ON provider.id = agreement.provider_id
        JOIN trust_organisation consumer ON consumer.id = agreement.consumer_id
        JOIN trust_purpose purpose ON purpose.code = agreement.purpose_id
        WHERE agreement.id = which)::text;
END $$;

-- Every signed version of some agreements with a partner, by code, the newest first.
CREATE FUNCTION amparo_stated_with(partner uuid, codes text[]) RETURNS SETOF text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT amparo_stated(agreement.id) FROM trust_agreement agreement
        WHERE agreement.code = ANY (codes) AND agreement.state <> 'drafted'
            AND partner = CASE agreement.direction WHEN 'out' THEN agreement.consumer_id ELSE agreement.provider_id END
        ORDER BY agreement.code, agreement.version DESC;
END $$;

-- A page begins: the agreement under the lock, whether this is live, what went out in its period before, and the exchange that
-- the page is of: the one it continues (null: there is none such), the one of the day for the same request, or a new one, which
-- is begun after every other. Whoever refuses the page takes all of it back. `keys` are those of blind indexes; `before` is what
-- was set before the gates were opened (null: they were not, because the log waits for its seal).
CREATE FUNCTION amparo_open_page(which uuid, day date, who uuid, what jsonb, continued uuid, of_day boolean, at timestamptz,
                                 opened text[], hours int,
                                 OUT agreement text, OUT is_live boolean, OUT exchanges bigint, OUT records bigint,
                                 OUT exchange uuid, OUT is_new boolean, OUT keys int[], OUT before text[])
    LANGUAGE plpgsql AS $$
DECLARE
    named text;
    began date;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7272, hashtext(which::text));
    is_live := EXISTS (SELECT FROM trust_stage stage WHERE stage.is_live);
    agreement := amparo_stated(which);
    is_new := false;
    IF agreement IS NULL OR NOT is_live THEN
        RETURN;
    END IF;
    SELECT code, date_trunc(period, day::timestamp)::date INTO named, began FROM trust_agreement WHERE id = which;
    IF continued IS NOT NULL THEN
        SELECT begun.id INTO exchange FROM trust_exchange begun
            WHERE begun.id = continued AND begun.agreement_id = which AND begun."on" = day AND begun.asked = what;
    ELSE
        IF of_day THEN
            exchange := amparo_exchange_of_day(which, day, who, what);
        END IF;
        IF exchange IS NULL THEN
            PERFORM pg_advisory_xact_lock(7273, hashtext(named));
            IF of_day THEN
                exchange := amparo_exchange_of_day(which, day, who, what);
            END IF;
            is_new := exchange IS NULL;
        END IF;
    END IF;
    SELECT had.exchanges, had.records INTO exchanges, records FROM amparo_went_out(named, began, day) had;
    IF is_new THEN
        exchange := amparo_uuid7();
        INSERT INTO trust_exchange (id, agreement_id, "on", begun_at, by_id, asked, pages, records)
            VALUES (exchange, which, day, at, who, what, 0, 0);
    END IF;
    SELECT array_remove(ARRAY[ring.blinding, ring.filling]::int[], NULL) INTO keys FROM trust_keyring ring;
    IF opened IS NOT NULL THEN
        before := amparo_act(opened[1], opened[2], opened[3], opened[4], opened[5], opened[6], hours);
    END IF;
END $$;

CREATE FUNCTION amparo_exchange_of_day(which uuid, day date, who uuid, what jsonb) RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT begun.id FROM trust_exchange begun
            WHERE begun.agreement_id = which AND begun."on" = day AND begun.by_id = who AND begun.asked = what
            ORDER BY begun.id LIMIT 1);
END $$;

-- How often and how much went out in a stretch of days, under all versions of an agreement.
CREATE FUNCTION amparo_went_out(named text, began date, day date, OUT exchanges bigint, OUT records bigint)
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT count(*), coalesce(sum(begun.records), 0) INTO exchanges, records
        FROM trust_exchange begun JOIN trust_agreement version ON version.id = begun.agreement_id
        WHERE version.code = named AND begun."on" BETWEEN began AND day;
END $$;

-- A page ends: what was set before is put back, and it is counted, one after the other and to the end of its transaction. Where
-- the volume is not exceeded by it, its line is written. Returns what went out in the period with it.
CREATE FUNCTION amparo_end_page(which uuid, more bigint, day date, most bigint, before text[], line jsonb) RETURNS bigint
    LANGUAGE plpgsql AS $$
DECLARE
    named text;
    began date;
    place int;
    went bigint;
BEGIN
    PERFORM amparo_act(before[1], coalesce(before[2], ''), coalesce(before[3], ''), coalesce(before[4], ''),
                       coalesce(before[5], ''), coalesce(before[6], ''), NULL);
    SELECT agreement.code, date_trunc(agreement.period, day::timestamp)::date INTO STRICT named, began
        FROM trust_exchange begun JOIN trust_agreement agreement ON agreement.id = begun.agreement_id WHERE begun.id = which;
    PERFORM pg_advisory_xact_lock(7273, hashtext(named));
    UPDATE trust_exchange SET pages = pages + 1, records = records + more WHERE id = which RETURNING pages INTO place;
    SELECT had.records INTO went FROM amparo_went_out(named, began, day) had;
    IF went <= most THEN
        PERFORM amparo_write_line(jsonb_set(line, '{details,page}', to_jsonb(place)));
    END IF;
    RETURN went;
END $$;

-- One request of a bucket (`trust.limits`): true where it is counted, false where it comes too soon.
CREATE FUNCTION amparo_fill(named text, at timestamptz, of_second interval, of_minute interval) RETURNS boolean
    LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO trust_bucket AS held (key, in_second, in_minute) VALUES (named, at + of_second, at + of_minute)
    ON CONFLICT (key) DO UPDATE SET
        in_second = CASE WHEN held.in_second > at + interval '2 minutes' THEN at ELSE greatest(held.in_second, at) END
            + of_second,
        in_minute = CASE WHEN held.in_minute > at + interval '2 minutes' THEN at ELSE greatest(held.in_minute, at) END
            + of_minute
    WHERE CASE WHEN held.in_second > at + interval '2 minutes' THEN at ELSE greatest(held.in_second, at) END
            + of_second <= at + interval '1 second'
        AND CASE WHEN held.in_minute > at + interval '2 minutes' THEN at ELSE greatest(held.in_minute, at) END
            + of_minute <= at + interval '1 minute';
    RETURN FOUND;
END $$;

-- Who asks by a credential: the machine, how it speaks, and the keys that it signs with now. Null: nobody is let in by it.
CREATE FUNCTION amparo_let_in(which uuid, at timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'own', (SELECT own.code FROM trust_organisation own WHERE own.is_own), 'machine', machine.id, 'credential', credential.id, 'organisation', organisation.id, 'code', organisation.code,
            'agreements', machine.agreements, 'must_sign', machine.must_sign,
            'peer', (SELECT to_jsonb(peer) FROM trust_peer peer
                     WHERE peer.machine_id = machine.id AND peer.confirmed_at IS NOT NULL AND peer.ended_at IS NULL),
            'keys', (SELECT coalesce(jsonb_agg(key.jwk ORDER BY key.id), '[]') FROM trust_credential key
                     WHERE key.machine_id = machine.id AND key.kind = 'key' AND key.confirmed_at IS NOT NULL
                         AND key.ended_at IS NULL AND key.until > at))
        FROM trust_credential credential
        JOIN trust_machine machine ON machine.id = credential.machine_id AND machine.closed_at IS NULL
        JOIN trust_organisation organisation ON organisation.id = machine.organisation_id
        WHERE credential.id = which AND credential.confirmed_at IS NOT NULL AND credential.ended_at IS NULL
            AND credential.until > at)::text;
END $$;

-- A request of a machine: counted for its address and for itself; who it is (null: nobody), the bucket that is full (null:
-- none), the key that seals what it sent, its use counted, and every signed version of its agreements.
CREATE FUNCTION amparo_arrive(which uuid, at timestamptz, address text, address_second interval, address_minute interval,
                              machine_second interval, machine_minute interval,
                              OUT told text, OUT full_bucket text, OUT number int, OUT suite int, OUT agreements text[])
    LANGUAGE plpgsql AS $$
DECLARE
    who jsonb;
BEGIN
    IF NOT amparo_fill(address, at, address_second, address_minute) THEN
        full_bucket := address;
        RETURN;
    END IF;
    told := amparo_let_in(which, at);
    IF told IS NULL THEN
        RETURN;
    END IF;
    who := told::jsonb;
    IF NOT amparo_fill('machine:' || (who->>'machine'), at, machine_second, machine_minute) THEN
        full_bucket := 'machine:' || (who->>'machine');
        RETURN;
    END IF;
    SELECT key.number, key.suite INTO number, suite FROM amparo_use_key(1) key;
    agreements := ARRAY(SELECT amparo_stated_with((who->>'organisation')::uuid,
                                                  ARRAY(SELECT jsonb_array_elements_text(who->'agreements'))));
END $$;

-- A message is taken once (`taken` null: it is one of ours) and kept with its line in the log; false where it was taken before.
CREATE FUNCTION amparo_keep_message(taken text, taken_until timestamptz, kept jsonb, content bytea, line jsonb) RETURNS boolean
    LANGUAGE plpgsql AS $$
BEGIN
    IF taken IS NOT NULL THEN
        INSERT INTO trust_taken (sender, message, until) VALUES ((kept->>'machine')::uuid, taken, taken_until)
            ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
    END IF;
    INSERT INTO trust_keptmessage (id, machine_id, peer_id, message, action, at, profile, digest, signature, key, raw, answers_id)
        VALUES ((kept->>'id')::uuid, (kept->>'machine')::uuid, (kept->>'peer')::uuid, kept->>'message', kept->>'action',
                (kept->>'at')::timestamptz, kept->>'profile', kept->>'digest', kept->>'signature', nullif(kept->'key', 'null'),
                content, (kept->>'answers')::uuid);
    PERFORM amparo_write_line(line);
    RETURN true;
END $$;

-- One line of the log.
CREATE FUNCTION amparo_write_line(line jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO trust_audit (id, at, event, by_id, by_kind, permission, purpose, agreement, about_kind, about_id, area_number,
                             details)
        VALUES ((line->>'id')::uuid, (line->>'at')::timestamptz, line->>'event', (line->>'by_id')::uuid, line->>'by_kind',
                line->>'permission', line->>'purpose', line->>'agreement', line->>'about_kind', line->>'about_id',
                (line->>'area_number')::bigint, line->'details');
END $$;

-- Opens the gates for one actor until the transaction ends (`trust.context`), and returns what was set before. Null, and nothing
-- is opened, where the log waits for its seal for more than some hours (`hours` null: what is opened is nobody's record).
CREATE FUNCTION amparo_act(role text, scope text, who text, under text, programmes text, person text, hours int) RETURNS text[]
    LANGUAGE plpgsql AS $$
DECLARE
    before text[];
BEGIN
    IF hours IS NOT NULL AND NOT coalesce(amparo_audit_waits_since() > now() - make_interval(hours => hours), true) THEN
        RETURN NULL;
    END IF;
    before := ARRAY[current_setting('role'), current_setting('amparo.scope', true), current_setting('amparo.by', true),
                    current_setting('amparo.agreement', true), current_setting('amparo.programmes', true),
                    current_setting('amparo.person', true)];
    PERFORM set_config('role', role, true), set_config('amparo.scope', scope, true), set_config('amparo.by', who, true),
            set_config('amparo.agreement', under, true), set_config('amparo.programmes', programmes, true),
            set_config('amparo.person', person, true);
    RETURN before;
END $$;
