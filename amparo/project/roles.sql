-- The database roles of one installation. Run by a superuser (or one who may create roles), again and again without harm.
-- owner migrates · app is the web's login and has nothing of its own (NOINHERIT) · area … partner are the kinds of scope,
-- taken with SET LOCAL ROLE inside a transaction · bulk imports and runs, and is never held by the web process ·
-- eraser, taken by bulk, may only take away and put tombstones · sealer, taken by bulk, may only seal anew what is sealed · definer owns the few functions
-- that must look past row security.
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['amparo_owner', 'amparo_app', 'amparo_bulk', 'amparo_eraser'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', role);
        END IF;
    END LOOP;
    FOREACH role IN ARRAY ARRAY['amparo_area', 'amparo_national', 'amparo_programme', 'amparo_citizen',
                                'amparo_partner', 'amparo_definer', 'amparo_sealer'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', role);
        END IF;
    END LOOP;
END $$;
ALTER ROLE amparo_owner INHERIT;
ALTER ROLE amparo_bulk BYPASSRLS;
ALTER ROLE amparo_eraser BYPASSRLS;
ALTER ROLE amparo_definer BYPASSRLS;
ALTER ROLE amparo_sealer BYPASSRLS;
GRANT amparo_area, amparo_national, amparo_programme, amparo_citizen, amparo_partner TO amparo_app;
GRANT amparo_definer TO amparo_owner;
GRANT amparo_sealer, amparo_eraser TO amparo_bulk;
ALTER ROLE amparo_app SET lock_timeout = '10s';
ALTER ROLE amparo_app SET statement_timeout = '60s';
ALTER ROLE amparo_app SET idle_in_transaction_session_timeout = '5min';
