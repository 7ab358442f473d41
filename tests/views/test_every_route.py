"""Every route, asked by everybody, with both gates, with the first alone and with the second alone (acceptance 7).

The table below is the oracle: it is written by hand from who should see what, and imports no rule of the product.
"""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.test import Client
from django.urls import get_resolver

from amparo.cases.actions import install_categories
from amparo.kernel import clock
from amparo.programmes.actions import enrol_many, give_notices, write_draft
from amparo.programmes.procedure import Procedure
from amparo.registry import queries
from amparo.registry.actions import protect
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib import agreeing, country, erasing, kin, pages
from tests.lib.gates_off import GATES, through
from tests.unit.cases.setting import CATEGORIES, filed
from tests.unit.programmes.country import MATERNITY, OPERATOR, PENSION, POOR_HOME, installed, run
from tests.views.conftest import signed_in

NORTH, SOUTH, UNDECIDED, SHELTERED = "Nordika", "Suderlin", "Vestavia", "Ostavia"
CAST = (
    "nobody",
    "amina",
    "bruno",
    "chen",
    "emre",
    "farah",
    "goran",
    "hana",
    "lina",
    "ines",
    "nadia",
    "omid",
    "paz",
    "quinn",
    "dalia",
)
SIGN_IN, OK, DENIED, GONE, ELSEWHERE, METHOD = "sign-in", 200, 403, 404, 302, 405
# Who is answered so has come to neither gate: they are asked with both, and not once more with each alone.
BEFORE_THE_GATES = (SIGN_IN, DENIED, METHOD)

# What each is answered on: north's own pages, then south's. Amina works north, Chen south, Bruno and Ines everywhere;
# Emre audits and reads nobody's record. Nadia protects people in danger in the north, and Omid runs a programme that decided
# about every home but one. Farah writes rules, Goran publishes them, Hana opens accounts and Lina handles
# agreements; Paz prepares payments and Quinn approves them; none of them reads anybody's record. Dalia is the citizen who lives in the north's home, and opens her own
# pages and no others. All have just given a second factor; what a session without one is told
# is in staff/test_factors.
PERSONAL = {
    "nobody": SIGN_IN,
    "amina": (OK, GONE),
    "bruno": (OK, OK),
    "chen": (GONE, OK),
    "emre": DENIED,
    "ines": (OK, OK),
    "nadia": (OK, GONE),
    "omid": (OK, OK),
}
NEITHER = dict.fromkeys(("nadia", "omid"), DENIED)
SEARCH = {"nobody": SIGN_IN, "emre": DENIED, **dict.fromkeys(("amina", "bruno", "chen", "ines", "nadia", "omid"), OK)}
FIGURES = SEARCH | {"emre": OK}
EXPORT = SEARCH | dict.fromkeys(("amina", "chen", "nadia"), DENIED)
OVERSEEN = {"nobody": SIGN_IN, "amina": DENIED, "bruno": DENIED, "chen": DENIED, "emre": OK, "ines": OK, **NEITHER}
DELIVERING = OVERSEEN | {"emre": DENIED}
UNKNOWN_BATCH = OVERSEEN | {"emre": GONE, "ines": GONE}
UNKNOWN_BATCH_TO_DELIVER = UNKNOWN_BATCH | {"emre": DENIED}
POSTED_ONLY = UNKNOWN_BATCH_TO_DELIVER | {"ines": METHOD}
POSTED_PERSONAL = {
    "nobody": SIGN_IN,
    **dict.fromkeys(("amina", "bruno", "chen", "ines", "nadia"), METHOD),
    "omid": DENIED,
}
ENROLLING = POSTED_PERSONAL | {"bruno": DENIED, "ines": DENIED, "emre": DENIED, "omid": METHOD}
OF_AN_AREA = {"amina": (OK, GONE), "chen": (GONE, OK), "nadia": (OK, GONE)}

DRAFTED = {
    "nobody": SIGN_IN,
    **dict.fromkeys(("amina", "bruno", "chen", "hana", "lina", "ines", "nadia", "omid"), DENIED),
    **dict.fromkeys(("emre", "farah", "goran"), OK),
}
OF_AUTHORS = DRAFTED | {"emre": DENIED, "goran": DENIED}
# Whoever may read records may open this one page, and is then asked whether they may read drafts.
TRYING = PERSONAL | dict.fromkeys(("amina", "bruno", "chen", "ines", "nadia", "omid"), DENIED)

SIGNED_IN = [each for each in CAST if each != "nobody"]
OWN = {"nobody": SIGN_IN, **dict.fromkeys(SIGNED_IN, OK)}
# Changes how somebody signs in: the cast, who have no factor of their own, are asked for their password anew.
OWN_ANEW = OWN | dict.fromkeys(SIGNED_IN, ELSEWHERE)
ACCOUNTS = {"nobody": SIGN_IN, **dict.fromkeys(SIGNED_IN, DENIED), "hana": OK}
POSTED_TO_ACCOUNTS = ACCOUNTS | {"hana": METHOD}
AGREED = {
    "nobody": SIGN_IN,
    **dict.fromkeys(("amina", "bruno", "chen", "farah", "goran", "hana", "nadia", "omid"), DENIED),
    **dict.fromkeys(("emre", "lina", "ines"), OK),
}
AGREEING = AGREED | {"emre": DENIED, "ines": DENIED}
STEPS = AGREEING | {"lina": METHOD}
# Nadia protects and Omid runs a programme: neither erases, invites nor takes mandates down.
OF_OTHERS = {"nadia": DENIED, "omid": DENIED}
AT_THE_OFFICE = PERSONAL | OF_OTHERS | {"bruno": DENIED}
DELAYING = {"nobody": SIGN_IN, **dict.fromkeys(SIGNED_IN, DENIED), "lina": OK}
MINE = {"nobody": SIGN_IN, **dict.fromkeys(SIGNED_IN, DENIED), "dalia": OK}
MINE_POSTED = MINE | {"dalia": METHOD}
# Unusual use and breaches: seen by whoever audits, judged by whoever protects.
WATCHED = AGREED | {"ines": DENIED}
NO_SUCH = WATCHED | dict.fromkeys(("emre", "lina"), GONE)
JUDGED = WATCHED | {"emre": DENIED, "lina": METHOD}

# Cases are worked on by these, each in their areas; Nadia hears the appeals of people in danger, too.
AT_WORK = ("amina", "bruno", "chen", "ines", "nadia")
CASES = {"nobody": SIGN_IN, "emre": DENIED, "omid": DENIED, **dict.fromkeys(AT_WORK, OK)}
# A grievance leads to no scheme: whoever reaches it is told so.
NOTHING = 400
NOT_NEXT = {
    **PERSONAL,
    **dict.fromkeys(("amina", "nadia"), (NOTHING, GONE)),
    **dict.fromkeys(("bruno", "ines"), (NOTHING, NOTHING)),
    "chen": (GONE, NOTHING),
    "omid": DENIED,
}

# Payments: prepared by Paz, approved by Quinn, seen by nobody else. The lists that are asked for are not there.
PAID = {"nobody": SIGN_IN, **dict.fromkeys(SIGNED_IN, DENIED)}
NO_SUCH_LIST = PAID | {"paz": GONE, "quinn": GONE}
PREPARED = PAID | {"paz": METHOD}

ORACLE = {
    "account": OWN,
    "account-password": OWN,
    "account-email": OWN_ANEW,
    "account-confirm": OWN,
    "account-sign-out-everywhere": OWN | dict.fromkeys(SIGNED_IN, METHOD),
    "factors": OWN,
    "factor-app": OWN_ANEW,
    "factor-passkey": OWN_ANEW,
    "factor-codes": OWN_ANEW,
    "factor-remove": OWN_ANEW,
    "delegations": OWN_ANEW,
    "delegation-end": OWN_ANEW,
    "officers": ACCOUNTS,
    "officer-open": ACCOUNTS,
    "officer": ACCOUNTS,
    "officer-grant": ACCOUNTS,
    "officer-person": ACCOUNTS,
    "officer-identity": ACCOUNTS | {"hana": GONE},  # no identity provider is configured
    "officer-identity-remove": POSTED_TO_ACCOUNTS,
    "officer-confirm": POSTED_TO_ACCOUNTS,
    "officer-end": POSTED_TO_ACCOUNTS,
    "officer-password": POSTED_TO_ACCOUNTS,
    "officer-factors": POSTED_TO_ACCOUNTS,
    "officer-sign-out": POSTED_TO_ACCOUNTS,
    "officer-close": POSTED_TO_ACCOUNTS,
    "officer-bind": POSTED_TO_ACCOUNTS,
    "officer-part": POSTED_TO_ACCOUNTS,
    "officer-delegation-end": POSTED_TO_ACCOUNTS,
    "home": FIGURES | {"nobody": SIGN_IN, "dalia": ELSEWHERE},
    "area": FIGURES | OF_AN_AREA,
    "purpose": SEARCH,
    "find": SEARCH,
    "find-in-area": SEARCH | OF_AN_AREA,
    "household": PERSONAL,
    "household-history": PERSONAL,
    "person": PERSONAL,
    "would-be": PERSONAL,
    "decisions": SEARCH,
    "decisions-export": EXPORT,
    "decision": PERSONAL,
    "explanation": PERSONAL,
    "explanation-pdf": PERSONAL,
    "decision-notice": POSTED_PERSONAL | {"emre": DENIED},
    "notice": PERSONAL,
    "notice-reply": PERSONAL | {"omid": DENIED},
    "notice-review": PERSONAL | {"amina": DENIED, "chen": DENIED} | NEITHER,
    "gaps": FIGURES,
    "gaps-list": SEARCH,
    "coverage": FIGURES,
    "coverage-export": FIGURES,
    "overlaps": FIGURES,
    "performance": FIGURES,
    "performance-export": FIGURES,
    "suspensions-proposed": SEARCH,
    "enrolments": SEARCH,
    "enrolments-enrol": ENROLLING,
    "enrolment": PERSONAL,
    **dict.fromkeys(
        ("enrolment-suspend", "enrolment-end", "enrolment-reinstate", "enrolment-withdraw"),
        ENROLLING,
    ),
    "enrolment-collector": PERSONAL | dict.fromkeys(("bruno", "ines", "emre"), DENIED),
    **dict.fromkeys(("enrolment-collector-confirm", "enrolment-collector-withdraw"), ENROLLING),
    "enrolment-confirm": POSTED_PERSONAL | dict.fromkeys(("amina", "chen", "emre", "nadia"), DENIED),
    **dict.fromkeys(("rounds", "round-start"), DELIVERING | {"omid": OK}),
    **dict.fromkeys(
        ("round", "round-progress"), DELIVERING | dict.fromkeys(("ines", "omid"), GONE)
    ),  # none was started
    **dict.fromkeys(("round-stop", "round-resume"), DELIVERING | dict.fromkeys(("ines", "omid"), METHOD)),
    "runs": FIGURES,
    "run-plan": DELIVERING,
    "run": FIGURES,
    "run-progress": FIGURES,
    "run-approve": DELIVERING | {"ines": METHOD},
    "run-start": DELIVERING | {"ines": METHOD},
    "run-stop": DELIVERING | {"ines": METHOD},
    "rules": FIGURES,
    "rule": FIGURES,
    "rule-version": FIGURES,
    "rule-export": FIGURES,
    "draft-begin": OF_AUTHORS | {"farah": METHOD},
    "draft": DRAFTED,
    "draft-edit": OF_AUTHORS,
    "draft-try": DRAFTED,
    "draft-try-household": TRYING,
    "draft-measure": OF_AUTHORS | {"farah": METHOD},
    "draft-propose": OF_AUTHORS | {"farah": METHOD},
    "draft-discard": OF_AUTHORS | {"farah": METHOD},
    "draft-publish": DRAFTED | {"emre": DENIED, "farah": DENIED, "goran": METHOD},
    "deliveries": OVERSEEN,
    "deliver": DELIVERING,
    "delivery": UNKNOWN_BATCH,
    "delivery-progress": UNKNOWN_BATCH,
    "delivery-stop": POSTED_ONLY,
    "delivery-resume": POSTED_ONLY,
    "delivery-receipt": UNKNOWN_BATCH,
    "quarantine": UNKNOWN_BATCH_TO_DELIVER,
    "quarantine-let-in": DELIVERING | {"ines": METHOD},
    "audit": DELIVERING | {"ines": DENIED, "emre": OK, "lina": OK},
    "alerts": WATCHED,
    "alert": NO_SUCH,
    "alert-looked-at": JUDGED,
    "alert-close": JUDGED,
    "breaches": WATCHED,
    "breach-open": JUDGED | {"lina": OK},
    "breach": NO_SUCH,
    "breach-step": JUDGED,
    "breach-close": JUDGED,
    "breach-concerned": JUDGED | {"lina": GONE},
    "impact": AGREED,
    "impact-answer": JUDGED,
    "impact-lay-down": JUDGED,
    "impact-sign": JUDGED | {"ines": METHOD},
    "impact-go-live": JUDGED | {"lina": DENIED, "ines": METHOD},
    "agreements": AGREED,
    "capability": AGREED,
    "agreement": AGREED,
    "agreement-draft": AGREEING,
    "agreement-redraft": AGREEING,
    "organisation-add": STEPS,
    "agreement-sign": STEPS,
    "agreement-suspend": STEPS,
    "agreement-resume": STEPS,
    "agreement-end": STEPS,
    "sources": AGREED,
    "source-connect": DELIVERING,
    "connection": DELIVERING | {"ines": GONE},  # nobody connected one in the pages
    **dict.fromkeys(("connection-confirm", "connection-end"), DELIVERING | {"ines": METHOD}),
    "household-register": SEARCH | OF_AN_AREA | {"bruno": DENIED, "omid": DENIED},
    "household-registration": PERSONAL | {"bruno": DENIED, "omid": DENIED},
    "household-registration-ask": POSTED_PERSONAL | {"bruno": DENIED, "emre": DENIED, "nadia": DENIED},
    "household-file": PERSONAL | dict.fromkeys(("bruno", "nadia", "omid"), DENIED),
    "machines": AGREED,
    **dict.fromkeys(("machine-open", "machine-secret", "machine-key", "machine-close"), STEPS),
    **dict.fromkeys(("credential-confirm", "credential-end", "machine-peer", "peer-confirm", "peer-end"), STEPS),
    "person-erasure": PERSONAL | OF_OTHERS | {"amina": DENIED, "chen": DENIED},
    "person-hold": POSTED_PERSONAL | OF_OTHERS | {"amina": DENIED, "chen": DENIED, "emre": DENIED},
    "person-hold-end": POSTED_PERSONAL | OF_OTHERS | {"amina": DENIED, "chen": DENIED, "emre": DENIED},
    "retention": AGREED,
    "erasure": AGREED,
    "erasure-confirm": STEPS,
    "erasure-dismiss": STEPS,
    "certificate": AGREED,
    "citizen-invite": AT_THE_OFFICE,
    "citizen-end": POSTED_PERSONAL | OF_OTHERS | {"bruno": DENIED, "emre": DENIED},
    "mandates": AT_THE_OFFICE,
    "mandate-end": POSTED_PERSONAL | OF_OTHERS | {"bruno": DENIED, "emre": DENIED},
    "delays": DELAYING,
    "delay-confirm": DELAYING | {"lina": METHOD},
    "delay-end": DELAYING | {"lina": METHOD},
    "mine": MINE,
    "mine-whom": MINE_POSTED,
    "mine-held": MINE,
    "mine-home": MINE,
    "mine-looked": MINE,
    "mine-looked-file": MINE,
    "mine-consents": MINE,
    "mine-consent-withdraw": MINE_POSTED,
    "mine-decisions": MINE,
    "mine-decision": MINE | {"dalia": (OK, GONE)},
    "mine-decision-pdf": MINE | {"dalia": (OK, GONE)},
    "mine-acting": MINE,
    "mine-mandate-revoke": MINE_POSTED,
    "mine-copy": MINE,
    "mine-usage-find": MINE,
    "mine-usage-period": MINE,
    "mine-usage-heartbeat": OWN,
    "consents": PERSONAL | {"omid": DENIED},
    **dict.fromkeys(("person-protect", "person-protect-end"), DELIVERING | {"ines": DENIED, "nadia": METHOD}),
    "person-leave": PERSONAL | {"bruno": DENIED, "emre": DENIED, "omid": DENIED},
    "household-protection": DELIVERING | {"ines": DENIED, "nadia": (OK, GONE)},
    "household-protection-end": DELIVERING | {"ines": DENIED, "nadia": METHOD},
    "consent-withdraw": POSTED_PERSONAL | {"bruno": DENIED, "emre": DENIED, "nadia": DENIED},
    "matches": SEARCH | {"bruno": DENIED, "omid": DENIED},
    "match-decide": POSTED_PERSONAL | {"bruno": DENIED, "emre": DENIED},
    "outbox": CASES | {"omid": OK},
    "outbox-tell": CASES | dict.fromkeys(AT_WORK, GONE),
    "cases": CASES,
    "case": PERSONAL | {"omid": DENIED},
    "case-figures": FIGURES,
    "transitions": FIGURES,
    "case-apply": NOT_NEXT,
    "case-new": CASES,
    "case-new-file": CASES,
    "case-choose": PERSONAL | {"omid": DENIED},
    "case-file": PERSONAL | {"omid": DENIED},
    "case-work": CASES | dict.fromkeys(AT_WORK, ELSEWHERE),
    "case-judge": CASES | dict.fromkeys(AT_WORK, DENIED) | dict.fromkeys(("bruno", "ines", "nadia"), ELSEWHERE),
    "case-review": CASES | dict.fromkeys(AT_WORK, DENIED) | {"nadia": ELSEWHERE},
    "case-execute": CASES | dict.fromkeys(AT_WORK, DENIED) | {"nadia": METHOD},
    "decision-appeal": PERSONAL | {"omid": DENIED},
    "mine-cases": MINE,
    "mine-case": MINE | {"dalia": (OK, GONE)},
    "mine-case-say": MINE_POSTED,
    "mine-case-choose": MINE,
    "mine-case-file": MINE,
    "mine-appeal": MINE | {"dalia": (OK, GONE)},
    "payments": PAID | {"paz": OK, "quinn": OK},
    **dict.fromkeys(("payment-list", "payment-held", "payment-unpaid"), NO_SUCH_LIST),
    "payment-sheets": NO_SUCH_LIST | {"quinn": DENIED},
    **dict.fromkeys(("payment-prepare", "payment-propose", "payment-withdraw", "payment-decide"), PREPARED),
    **dict.fromkeys(
        ("payment-send", "payment-send-again", "payment-files", "payment-return", "payment-override"), PREPARED
    ),
    "payment-approve": PAID | {"quinn": METHOD},
}
# Of all else these four see figures only, of every area.
OF_FIGURES = {route for route, answers in ORACLE.items() if answers["emre"] == OK} - {"deliveries", "audit"}
FOR_ALL_OFFICES = {route for route in OF_FIGURES if ORACLE[route]["amina"] in (OK, (OK, GONE))}
ORACLE = {
    route: {"dalia": DENIED}
    | dict.fromkeys(("paz", "quinn"), OK if route in FOR_ALL_OFFICES else DENIED)
    | dict.fromkeys(("farah", "goran", "hana", "lina"), OK if route in OF_FIGURES else DENIED)
    | answers
    for route, answers in ORACLE.items()
}
# Open to all: nothing of anybody is on them.
PUBLIC = {
    "account_login",
    "account_logout",
    "mfa_authenticate",
    "passkey-sign-in",
    "language",
    "provider-begin",
    "provider-return",
    "invitation",
    "report",
    "report-file",
    "report-code",
}


@pytest.fixture(scope="module")
def world(database) -> dict[str, dict[str, str]]:
    """A home in the north and one in the south, decided as they were registered, with what addresses name of each."""
    undecided = country.household("n2", {"given_name": UNDECIDED, "family_name": "Aa", "is_head": True})
    installed(replace(POOR_HOME, procedure=Procedure(law="law", notice_days=5)), PENSION, MATERNITY)
    found = {region: home(area, name) for region, area, name in (("north", "n1", NORTH), ("south", "s1", SOUTH))}
    enrol_many("poor_home", by=OPERATOR, under=country.GROUND, on=clock.today(), using="bulk")
    for each in found.values():
        with connections["bulk"].cursor() as cursor:
            cursor.execute(
                "UPDATE registry_fact_household SET income = 99000 WHERE household_id = %s", [each["household"]]
            )
    sheltered = country.household("n1", {"given_name": SHELTERED, "family_name": "Aa", "is_head": True}, income=5_000)
    with acting(country.cast().nadia.narrowed(Permission.PROTECT)) as by:
        protect(queries.residence(sheltered, by=by)[0][0], by=by, on=clock.today(), under=country.GROUND)
    made = str(run(clock.today()).id)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE programmes_decision SET superseded_at = now() WHERE household_id = %s", [undecided])
    give_notices(["poor_home"], by=OPERATOR, under=country.GROUND, on=clock.today())
    install_categories(CATEGORIES, by=OPERATOR)
    for each in found.values():
        each["case"] = str(filed(country.cast().ines, person=UUID(each["person"])).id)
    agreeing.install()
    kin.bound(UUID(found["north"]["person"]), "dalia")
    also = {"agreement": str(agreeing.in_force("agreed")), "consent": str(uuid4())}
    also |= {"erasure": str(erasing.proposed(somebody())), "certificate": str(erasing.erased(somebody()).id)}
    also |= {
        "undecided": str(undecided),
        "sheltered": str(sheltered),
        "run": made,
        "officer": str(country.cast().emre.id),
        "draft": drafted(),
        "version": version_of("poor_home"),
    }
    return {
        region: each
        | also
        | {"notice": one_of("notice", each["household"]), "enrolment": one_of("enrolment", each["household"])}
        for region, each in found.items()
    }


def somebody() -> UUID:
    """Somebody in the east, of whom nobody is asked."""
    return erasing.people(country.household("n2", {"given_name": "Gone"}))[0]


def drafted() -> str:
    said = {"rule": "household.size >= 2", "amount": ""}
    with acting(country.cast().farah.narrowed(Permission.AUTHOR_RULE)) as by:
        return str(write_draft("rule", "poor_home", starts_on=clock.today(), law="l", content=said, by=by).id)


def version_of(programme: str) -> str:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT v.id FROM programmes_ruleversion v JOIN programmes_programme p ON p.id = v.programme_id"
            " WHERE p.code = %s",
            [programme],
        )
        return str(cursor.fetchone()[0])


def one_of(kind: str, household: str) -> str:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(f"SELECT id FROM programmes_{kind} WHERE household_id = %s", [household])
        return str(cursor.fetchone()[0])


def home(area: str, name: str) -> dict[str, str]:
    id = country.household(area, {"given_name": name, "family_name": "Aa", "is_head": True}, income=5_000)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT person_id FROM registry_membership WHERE household_id = %s", [id])
        (person,) = cursor.fetchone()
        cursor.execute(
            "SELECT d.id FROM programmes_decision d JOIN programmes_programme p ON p.id = d.programme_id"
            " WHERE household_id = %s AND p.code = 'poor_home'",
            [id],
        )
        (decision,) = cursor.fetchone()
    return {"household": str(id), "person": str(person), "decision": str(decision), "area": area}


def address(route: str, place: dict[str, str]) -> str:
    household, batch = f"/households/{place['household']}/", f"/deliveries/{uuid4()}/"
    draft = f"/rules/drafts/{place['draft']}/"
    alert, breach = f"/alerts/{uuid4()}/", f"/breaches/{uuid4()}/"
    paid = f"/payments/{uuid4()}/"
    officer, agreement = f"/officers/{place['officer']}/", f"/agreements/{place['agreement']}/"
    person = f"{household}people/{place['person']}/"
    consents, case = f"{person}consents/", f"/cases/{place['case']}/"
    return {
        "account": "/account/",
        "sources": "/sources/",
        "source-connect": "/sources/connect/",
        "connection": "/sources/tax/",
        "connection-confirm": "/sources/tax/confirm/",
        "connection-end": "/sources/tax/end/",
        "household-file": f"{household}file/",
        "household-register": f"/find/{place['area']}/register/",
        "household-registration": f"{household}registration/",
        "household-registration-ask": f"{household}registration/ask/",
        "account-password": "/account/password/",
        "account-email": "/account/email/",
        "account-confirm": "/account/confirm/",
        "account-sign-out-everywhere": "/account/sign-out-everywhere/",
        "factors": "/account/factors/",
        "factor-app": "/account/factors/app/",
        "factor-passkey": "/account/factors/passkey/",
        "factor-codes": "/account/factors/codes/",
        "factor-remove": "/account/factors/1/remove/",
        "delegations": "/account/substitutes/",
        "delegation-end": "/account/substitutes/1/end/",
        "officers": "/officers/",
        "officer-open": "/officers/open/",
        "officer": officer,
        "officer-grant": f"{officer}role/",
        "officer-person": f"{officer}person/",
        "officer-identity": f"{officer}identity/",
        "officer-identity-remove": f"{officer}identity/remove/",
        "officer-confirm": f"{officer}role/1/confirm/",
        "officer-end": f"{officer}role/1/end/",
        "officer-password": f"{officer}password/",
        "officer-factors": f"{officer}factors/",
        "officer-sign-out": f"{officer}sign-out/",
        "officer-close": f"{officer}close/",
        "officer-bind": f"{officer}bind/",
        "officer-part": f"{officer}part/",
        "officer-delegation-end": f"{officer}substitutes/1/end/",
        "home": "/",
        "area": f"/areas/{place['area']}/",
        "purpose": "/purpose/",
        "find": "/find/",
        "find-in-area": f"/find/{place['area']}/",
        "household": household,
        "household-history": f"{household}history/",
        "person-leave": f"{household}people/{place['person']}/leave/",
        "household-protection": f"{household}protection/",
        "household-protection-end": f"{household}protection/end/",
        "person": f"{household}people/{place['person']}/",
        "person-protect": f"{household}people/{place['person']}/protection/",
        "person-protect-end": f"{household}people/{place['person']}/protection/end/",
        "would-be": f"{household}would-be/poor_home/{place['household']}/",
        "decisions": "/decisions/?programme=poor_home",
        "decisions-export": "/decisions/export/?programme=poor_home",
        "decision": f"/decisions/{place['decision']}/",
        "explanation": f"/decisions/{place['decision']}/explanation/",
        "explanation-pdf": f"/decisions/{place['decision']}/explanation.pdf",
        "decision-notice": f"/decisions/{place['decision']}/notice/",
        "notice": f"/notices/{place['notice']}/",
        "notice-reply": f"/notices/{place['notice']}/reply/",
        "notice-review": f"/notices/{place['notice']}/review/",
        "matches": "/matches/",
        "match-decide": f"/matches/{uuid4()}/decide/",
        "outbox": "/outbox/",
        "outbox-tell": f"/outbox/{uuid4()}/",
        "cases": "/cases/",
        "case": case,
        "case-figures": "/cases/figures/",
        "transitions": "/cases/transitions/",
        "case-apply": f"{case}apply/poor_home/",
        "case-new": "/cases/new/",
        "case-new-file": "/cases/new/unpaid/",
        "case-choose": f"{person}case/",
        "case-file": f"{person}case/unpaid/",
        "case-work": f"{case}step/",
        **{f"case-{each}": f"{case}{each}/" for each in ("judge", "review", "execute")},
        "decision-appeal": f"/decisions/{place['decision']}/appeal/",
        "mine-cases": "/mine/cases/",
        "mine-case": f"/mine/cases/{place['case']}/",
        "mine-case-say": f"/mine/cases/{place['case']}/say/",
        "mine-case-choose": "/mine/cases/new/",
        "mine-case-file": "/mine/cases/new/unpaid/",
        "mine-appeal": f"/mine/decisions/{place['decision']}/appeal/",
        "gaps": "/gaps/",
        "gaps-list": "/gaps/list/?programme=poor_home",
        "coverage": "/coverage/",
        "coverage-export": "/coverage/export/",
        "overlaps": "/overlaps/",
        "performance": "/performance/",
        "performance-export": "/performance/export/",
        "suspensions-proposed": "/enrolments/proposed/?programme=poor_home",
        "enrolments": "/enrolments/?programme=poor_home",
        "enrolments-enrol": "/enrolments/enrol/",
        "enrolment": f"/enrolments/{place['enrolment']}/",
        **{
            f"enrolment-{act}": f"/enrolments/{place['enrolment']}/{act}/"
            for act in ("suspend", "end", "reinstate", "confirm", "withdraw", "collector")
        },
        **{
            f"enrolment-collector-{act}": f"/enrolments/{place['enrolment']}/collector/{act}/"
            for act in ("confirm", "withdraw")
        },
        "payments": "/payments/",
        "payment-list": paid,
        "payment-prepare": "/payments/new/",
        **{
            f"payment-{each}": f"{paid}{each}/"
            for each in ("propose", "withdraw", "approve", "send", "files", "sheets", "held", "unpaid")
        },
        "payment-send-again": f"{paid}parts/1/again/",
        "payment-return": f"{paid}returns/",
        "payment-override": f"{paid}returns/{uuid4()}/override/",
        "payment-decide": f"{paid}held/{uuid4()}/",
        "rounds": "/rounds/",
        "round-start": "/rounds/new/",
        "round": f"/rounds/{uuid4()}/",
        **{f"round-{each}": f"/rounds/{uuid4()}/{each}/" for each in ("progress", "stop", "resume")},
        "runs": "/runs/",
        "run-plan": "/runs/new/",
        "run": f"/runs/{place['run']}/",
        "run-progress": f"/runs/{place['run']}/progress/",
        "run-approve": f"/runs/{place['run']}/approve/",
        "run-start": f"/runs/{place['run']}/start/",
        "run-stop": f"/runs/{place['run']}/stop/",
        "rules": "/rules/",
        "rule": "/rules/rule/poor_home/",
        "rule-version": f"/rules/rule/poor_home/{place['version']}/",
        "rule-export": "/rules/rule/poor_home/export/",
        "draft-begin": "/rules/rule/poor_home/draft/",
        "draft": draft,
        "draft-edit": f"{draft}edit/",
        "draft-try": f"{draft}try/",
        "draft-try-household": f"{draft}try/household/",
        "draft-measure": f"{draft}measure/",
        "draft-propose": f"{draft}propose/",
        "draft-discard": f"{draft}discard/",
        "draft-publish": f"{draft}publish/",
        "deliveries": "/deliveries/",
        "deliver": "/deliveries/new/",
        "delivery": batch,
        "delivery-progress": f"{batch}progress/",
        "delivery-stop": f"{batch}stop/",
        "delivery-resume": f"{batch}resume/",
        "delivery-receipt": f"{batch}receipt/",
        "quarantine": f"{batch}quarantine/",
        "quarantine-let-in": f"{batch}quarantine/0/let-in/",
        "audit": "/audit/",
        "alerts": "/alerts/",
        "alert": alert,
        "alert-looked-at": f"{alert}looked-at/",
        "alert-close": f"{alert}close/",
        "breaches": "/breaches/",
        "breach-open": "/breaches/new/",
        "breach": breach,
        "breach-step": f"{breach}step/",
        "breach-close": f"{breach}close/",
        "breach-concerned": f"{breach}concerned.csv",
        "impact": "/impact/",
        "impact-answer": "/impact/answers/",
        "impact-lay-down": "/impact/version/",
        "impact-sign": "/impact/version/1/sign/",
        "impact-go-live": "/impact/live/",
        "agreements": "/agreements/",
        "capability": "/capability/",
        "agreement": agreement,
        "agreement-draft": "/agreements/new/",
        "agreement-redraft": f"{agreement}draft/",
        "organisation-add": "/agreements/partners/",
        "agreement-sign": f"{agreement}sign/",
        "agreement-suspend": f"{agreement}suspend/",
        "agreement-resume": f"{agreement}resume/",
        "agreement-end": f"{agreement}end/",
        "machines": f"{agreement}machines/",
        "machine-open": f"{agreement}machines/open/",
        **{f"machine-{each}": f"{agreement}machines/{uuid4()}/{each}/" for each in ("secret", "key", "close")},
        **{f"credential-{each}": f"{agreement}credentials/{uuid4()}/{each}/" for each in ("confirm", "end")},
        "machine-peer": f"{agreement}machines/{uuid4()}/messages/",
        **{f"peer-{each}": f"{agreement}peers/{uuid4()}/{each}/" for each in ("confirm", "end")},
        "person-erasure": f"{household}people/{place['person']}/erasure/",
        "person-hold": f"{household}people/{place['person']}/hold/",
        "person-hold-end": f"{household}people/{place['person']}/hold/{uuid4()}/end/",
        "retention": "/retention/",
        "erasure": f"/retention/erasures/{place['erasure']}/",
        "erasure-confirm": f"/retention/erasures/{place['erasure']}/confirm/",
        "erasure-dismiss": f"/retention/erasures/{place['erasure']}/dismiss/",
        "certificate": f"/retention/certificates/{place['certificate']}/",
        "consents": consents,
        "consent-withdraw": f"{consents}{place['consent']}/withdraw/",
        "citizen-invite": f"{person}invitation/",
        "citizen-end": f"{person}invitation/end/",
        "mandates": f"{person}mandates/",
        "mandate-end": f"{person}mandates/{place['consent']}/end/",
        "delays": "/delays/",
        "delay-confirm": f"/delays/{place['consent']}/confirm/",
        "delay-end": f"/delays/{place['consent']}/end/",
        "mine": "/mine/",
        "mine-whom": "/mine/whom/",
        "mine-held": "/mine/held/",
        "mine-home": "/mine/home/",
        "mine-looked": "/mine/looked/",
        "mine-looked-file": "/mine/looked.csv",
        "mine-consents": "/mine/consents/",
        "mine-consent-withdraw": f"/mine/consents/{place['consent']}/withdraw/",
        "mine-decisions": "/mine/decisions/",
        "mine-decision": f"/mine/decisions/{place['decision']}/",
        "mine-decision-pdf": f"/mine/decisions/{place['decision']}.pdf",
        "mine-acting": "/mine/acting/",
        "mine-mandate-revoke": f"/mine/acting/{place['consent']}/revoke/",
        "mine-copy": "/mine/copy.json",
        "mine-usage-find": "/mine/usage/find/",
        "mine-usage-period": "/mine/usage/period/",
        "mine-usage-heartbeat": "/mine/usage/heartbeat/",
    }[route]


@pytest.fixture(params=GATES)
def gates(request, world, server, database) -> Iterator[str]:
    with through(request.param, server, database):
        yield request.param


def asked(browser: Client, route: str, place: dict[str, str]):
    """Ask for a page; a search is sent, so that no name stands in an address."""
    if route == "find":
        return browser.post("/find/", {"kind": "name", "asked": "Aa"})
    return browser.get(address(route, place))


def browser_of(name: str) -> Client:
    return Client() if name == "nobody" else signed_in(name)


def answered(response) -> int | str:
    if response.status_code == ELSEWHERE and response["Location"].startswith("/account/sign-in/"):
        return SIGN_IN
    return response.status_code


def body(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", "replace")  # a PDF is packed; its page, in the table too, says the same


NOBODYS = ("nobody", "emre", "farah", "goran", "hana", "lina", "paz", "quinn")
HIDDEN = {"amina": [SOUTH], "dalia": [SOUTH], "chen": [NORTH, UNDECIDED], "omid": [UNDECIDED], "bruno": [], "ines": []}
HIDDEN |= {each: [NORTH, SOUTH, UNDECIDED] for each in NOBODYS}
# One home in the north is protected: Nadia sees it, and nobody else.
HIDDEN = {"nadia": [SOUTH], **{name: [*marks, SHELTERED] for name, marks in HIDDEN.items()}}


@pytest.mark.parametrize("name", CAST)
def test_everybody_is_answered_what_they_may_and_sees_nobody_else(gates, world, name):
    browser, wrong = browser_of(name), []
    for route, expected in ORACLE.items():
        if gates != GATES[0] and expected[name] in BEFORE_THE_GATES:
            continue
        is_one = address(route, world["north"]) == address(route, world["south"])
        for side, region in enumerate(("north",) if is_one else ("north", "south")):
            response = asked(browser, route, world[region])
            wanted = expected[name][side] if isinstance(expected[name], tuple) else expected[name]
            if answered(response) != wanted:
                wrong.append((route, region, answered(response), wanted))
            wrong += [(route, region, "lacks", each) for each in pages.unguarded(response)]
            page = body(response)
            hidden = HIDDEN.get(name, [])
            other = {"amina": "south", "dalia": "south", "nadia": "south", "chen": "north"}.get(name)
            marks = [
                *hidden,
                *(world[other][each] for each in ("person", "decision") if other and (is_one or region != other)),
            ]
            wrong += [(route, region, "shows", mark) for mark in marks if mark in page]
    assert wrong == []


def test_whoever_may_does_see_the_names(world):
    """The marks above would be missed if the pages never showed them."""
    for name, mark, region in (("amina", NORTH, "north"), ("chen", SOUTH, "south")):
        assert mark in body(browser_of(name).get(address("household", world[region])))
        assert mark in body(asked(browser_of(name), "find", world[region]))
    assert NORTH in body(browser_of("dalia").get("/mine/held/"))


def test_who_runs_a_programme_sees_nobody_it_decided_nothing_about(gates, world):
    omid, home = browser_of("omid"), f"/households/{world['north']['undecided']}/"
    for address in (home, f"{home}history/"):
        assert omid.get(address).status_code == GONE
    assert UNDECIDED not in body(omid.get("/find/n2/"))
    assert UNDECIDED in body(browser_of("bruno").get(home))


def test_whoever_is_protected_is_seen_by_who_protects_in_their_area_and_by_nobody_else(gates, world):
    home = f"/households/{world['north']['sheltered']}/"
    for name in ("amina", "bruno", "chen", "ines", "omid"):
        for address in (home, f"{home}history/"):
            assert browser_of(name).get(address).status_code == GONE
        for address in ("/find/n1/", "/decisions/?programme=poor_home&area=n1"):
            assert world["north"]["sheltered"] not in body(browser_of(name).get(address))
    nadia = browser_of("nadia")
    assert SHELTERED in body(nadia.get(home))
    assert SHELTERED in body(asked(nadia, "find", world["north"]))
    assert world["north"]["sheltered"] in body(nadia.get("/find/n1/"))


def test_no_route_is_missing_from_the_table():
    named = {each.name for each in get_resolver("amparo.web.urls").url_patterns}
    assert named == set(ORACLE) | PUBLIC
