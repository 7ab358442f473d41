"""Every kind of event is written by an act and exercised by a test (D5)."""

import ast
from collections import defaultdict
from collections.abc import Mapping

from amparo.trust.types import Event
from tests.structure import sources
from tests.structure.test_audit import called, functions, reaches_record

# Event → the test that has it written on the way to something else. Whatever is not here is named by a test, or a test
# calls what writes it.
EXERCISED = {
    Event.FACTOR_REMOVED: "tests/views/staff/test_factors.py::test_a_passkey_is_added_signs_in_alone_and_is_removed",
    Event.FACTOR_GIVEN: "tests/views/staff/test_factors.py::test_a_factor_given_anew_is_fresh_and_leads_back",
    Event.RECOVERY_CODES_MADE: "tests/views/staff/test_factors.py::test_recovery_codes_are_shown_with_the_first_factor_and_never_again",
    Event.SESSIONS_ENDED: "tests/views/staff/test_sessions.py::test_signing_out_everywhere_ends_every_session_at_the_next_request",
    Event.ROLE_WAITS: "tests/views/staff/test_officers.py::test_whoever_alone_changes_who_can_enter_an_account_takes_no_power_with_it",
    Event.AREAS_INSTALLED: "tests/unit/profiles/test_installing.py::test_the_country_is_in_the_database",
    Event.SOURCES_INSTALLED: "tests/unit/profiles/test_installing.py::test_the_country_is_in_the_database",
    Event.PROFILE_INSTALLED: "tests/unit/profiles/test_installing.py::test_the_country_is_in_the_database",
    Event.ORGANISATIONS_INSTALLED: "tests/unit/trust/test_agreements.py::test_what_is_signed_is_not_amended_and_a_new_version_takes_its_place",
    Event.AGREEMENT_AMENDED: "tests/generative/test_four_eyes.py::test_whatever_an_office_does_nobody_checks_their_own_work",
    Event.BATCH_RECORDED: "tests/unit/intake/test_running.py::test_a_killed_worker_leaves_nothing_half_and_the_next_one_ends_it",
    Event.SNAPSHOT_EXPIRED: "tests/unit/snapshot/test_actions.py::test_an_expired_snapshot_opens_no_more_and_its_files_and_key_are_gone",
    Event.SNAPSHOT_KEPT: "tests/unit/programmes/test_recomputing.py::test_a_snapshot_is_kept_as_long_as_its_decisions_can_be_appealed_and_goes_then",
    Event.RUN_PREVIEWED: "tests/unit/programmes/test_planning.py::test_a_preview_says_who_gains_and_loses_by_programme_and_area_and_writes_no_decision",
    Event.MACHINE_OPENED: "tests/unit/trust/test_machines.py::test_a_machine_is_opened_for_its_own_partners_agreements_only",
    Event.CREDENTIAL_MADE: "tests/unit/trust/test_machines.py::test_whoever_made_it_does_not_confirm_it_and_the_database_holds_that_too",
    Event.CITIZEN_BOUND: "tests/unit/trust/test_inviting.py::test_a_slip_opens_one_account_once",
    Event.OWN_RECORD_READ: "tests/views/citizen/test_mine.py::test_each_fact_says_who_told_it_when_what_for_and_who_reads_it",
    Event.OWN_RECORD_TAKEN: "tests/views/citizen/test_mine.py::test_the_whole_record_is_taken_along_and_that_is_on_the_record",
    Event.ENROLMENT_NOTICED: "tests/unit/programmes/test_suspending.py::test_a_suspension_takes_effect_on_the_day_of_its_notice_not_before_and_once",
    Event.ENROLMENT_READ: "tests/unit/programmes/test_suspending.py::test_an_enrolment_shows_its_steps_and_notices_to_who_may_read_it",
    Event.ENROLMENTS_LISTED: "tests/views/staff/test_enrolments.py::test_they_work_without_javascript",
    Event.CONDITIONS_READ: "tests/views/staff/test_conditions.py::test_a_home_shows_what_was_told_what_is_unknown_and_what_follows",
    Event.GRIEVANCES_READ: "tests/unit/cases/test_told.py::test_whoever_reads_cases_there_sees_them_and_it_is_on_record",
    Event.FUNDS_RECORDED: "tests/unit/payments/test_preparing.py::test_a_list_over_the_programmes_funds_is_refused_before_approval",
    Event.ARREARS_OWED: "tests/unit/payments/test_owing.py::test_told_twice_it_is_owed_once_and_no_later_list_pays_it_again",
    Event.PAYMENT_SETTLED: "tests/unit/cases/test_held.py::test_deciding_the_case_decides_about_the_payment",
    Event.LIST_EXPORTED: "tests/unit/payments/test_bank_file.py::test_a_file_made_again_has_the_same_bytes_and_another_part_is_another_file",
    Event.RETURN_SETTLED: "tests/unit/payments/test_reconciling.py::test_each_outcome_leaves_its_payment_as_it_says",
    Event.CONTACTS_READ: "tests/unit/notices/test_sending.py::test_each_look_at_an_address_and_each_attempt_is_on_the_record",
    Event.PERSON_LOOKED_UP: "tests/views/staff/test_officers.py::test_each_look_up_of_an_owner_is_in_the_log_without_the_number",
}
WRITTEN_BY_THE_LOG = {Event.DENIED: "amparo/trust/log/recording.py:record_denial"}


def events_in(node: ast.AST) -> set[Event]:
    """Return the events that a piece of code names."""
    return {
        Event[each.attr]
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "Event"
    }


def tables_of(tree: ast.Module) -> dict[str, set[Event]]:
    """Return the events in each of a file's tables, by the table's name: an act may look its event up."""
    return {
        target.id: events_in(node)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def writers(tree: ast.Module, known: Mapping[str, ast.FunctionDef]) -> dict[Event, set[str]]:
    """Return event → names of the functions of a file that name it and record."""
    found, tables = defaultdict(set), tables_of(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        named = events_in(node).union(*(tables[each] for each in called(node) & tables.keys()))
        if named and reaches_record(node.name, {**known, node.name: node}):
            for event in named:
                found[event].add(node.name)
    return found


def all_writers() -> dict[Event, set[str]]:
    """Return event → names of all functions of the product that write it."""
    found = defaultdict(set, {event: {place.split(":")[1]} for event, place in WRITTEN_BY_THE_LOG.items()})
    for package in sources.packages():
        files = sources.python(f"amparo/{package}")
        known = functions(files)
        for file in files:
            for event, names in writers(sources.tree(file), known).items():
                found[event] |= names
    return found


def files_of_tests() -> tuple[str, ...]:
    return tuple(
        each for each in sources.under("tests", ".py") if "/test_" in each and not each.startswith("tests/structure/")
    )


def named_by_tests() -> set[str]:
    """Return every name that a test calls or hands on, and every text that stands in one."""
    trees = [sources.tree(each) for each in files_of_tests()]
    texts = {each.value for tree in trees for each in ast.walk(tree) if isinstance(each, ast.Constant)}
    return set().union(*map(called, trees)) | {each for each in texts if isinstance(each, str)}


def test_every_event_is_written_by_an_act():
    found = all_writers()
    sources.expect_none(f"nothing writes {each.value}" for each in Event if not found.get(each))


def test_every_event_is_exercised_by_a_test():
    found, named = all_writers(), named_by_tests()
    sources.expect_none(
        f"no test has {each.value} written: {', '.join(sorted(found.get(each, ())))}"
        for each in Event
        if each not in EXERCISED and not named & {each.name, each.value, *found.get(each, ())}
    )


def test_the_table_names_tests_that_are_there():
    for event, place in EXERCISED.items():
        file, name = place.split("::")
        assert name in {each.name for each in sources.nodes(file, ast.FunctionDef)}, f"{event.value}: {place}"


def test_a_planted_event_that_nothing_writes_is_found():
    planted = sources.parse("""
TOLD = {Event.SIGNED_IN: "told"}
BY_STATE = {"open": Event.DELAY_ENDED}
def read(): look(Event.SIGNED_OUT)
def enter(): record(Event.ROLE_ENDED)
def leave(state): record(BY_STATE[state])
def look(event): pass
""")
    known = {each.name: each for each in planted.body if isinstance(each, ast.FunctionDef)}
    assert writers(planted, known) == {Event.ROLE_ENDED: {"enter"}, Event.DELAY_ENDED: {"leave"}}
