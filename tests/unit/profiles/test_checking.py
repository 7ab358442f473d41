"""One broken country per kind of fault: each is found, with its file and its place, and nothing else is."""

import re

import pytest

from amparo.profiles.checking.languages import texts
from amparo.profiles.finding import find
from amparo.profiles.languages import has_words, say

ROOMS = 'name = "rooms"\ngrain = "household"\ntype = "integer"\nunit = "rooms"\nminimum = 0\nmaximum = 40\n'
FIRST = "VM0101,VM01,district,"


FAULTS = {
    "a field twice": (
        lambda c: c.add("dictionary.toml", "\n[[field]]\n" + ROOMS + 'purpose = "assessment"\nused_by = ["health"]\n'),
        ["profiles-field-twice"],
        "dictionary.toml",
    ),
    "two fields in one role": (
        lambda c: c.replace("dictionary.toml", 'name = "mother_name"', 'name = "mother_name"\nrole = "given_name"'),
        ["profiles-role-twice"],
        "dictionary.toml",
    ),
    "an item that nobody declared": (
        lambda c: c.replace(
            "dictionary.toml", 'name = "main_crop"\ngrain = "item:plot"', 'name = "main_crop"\ngrain = "item:barn"'
        ),
        None,
        "dictionary.toml",
    ),
    "an item without fields": (
        lambda c: [
            c.add("profile.toml", '\n[items.vehicle]\nheld_by = "person"\n'),
            *(c.add(f"locale/{each}.po", '\n\nmsgid "item-vehicle"\nmsgstr "Vehicle"\n') for each in ("en", "ar")),
        ],
        ["profiles-item-without-fields"],
        "profile.toml",
    ),
    "a share of alarm above a hundred": (
        lambda c: c.replace("profile.toml", "exclusion_alarm = 30", "exclusion_alarm = 130"),
        ["profiles-value-wrong"],
        "profile.toml",
    ),
    "a code twice": (
        lambda c: c.replace("dictionary.toml", 'codes = ["female", "male"]', 'codes = ["female", "male", "male"]'),
        ["profiles-code-twice"],
        "dictionary.toml",
    ),
    "TOML that cannot be read": (
        lambda c: c.replace("parameters.toml", "[poverty_line]", "[poverty_line"),
        ["profiles-file-unreadable"],
        "parameters.toml",
    ),
    "a figure that begins after the rules that read it": (
        lambda c: c.replace(
            "parameters.toml", "[[child_age.value]]\nfrom = 2025-01-01", "[[child_age.value]]\nfrom = 2027-06-01"
        ),
        ["profiles-parameter-late"] * 3,
        "programmes/child_grant.toml",
    ),
    "an area with an unknown parent": (
        lambda c: c.replace("areas.csv", FIRST, "VM0101,VM77,district,"),
        ["profiles-parent-unknown"],
        "areas.csv",
    ),
    "areas in a circle": (
        lambda c: c.replace("areas.csv", "VM01,VM,region,", "VM01,VM010101,region,"),
        None,
        "areas.csv",
    ),
    "an unknown level": (
        lambda c: c.replace("areas.csv", FIRST, "VM0101,VM01,county,"),
        ["profiles-level-unknown"],
        "areas.csv",
    ),
    "a level that is skipped": (
        lambda c: c.replace("areas.csv", FIRST, "VM0101,VM,district,"),
        ["profiles-level-order"],
        "areas.csv",
    ),
    "an unknown successor": (
        lambda c: c.replace("areas.csv", "VM01,VM,region,Selurhel,,,", "VM01,VM,region,Selurhel,,,VM99"),
        ["profiles-successor-unknown"],
        "areas.csv",
    ),
    "days in reverse": (
        lambda c: c.replace(
            "areas.csv", "VM01,VM,region,Selurhel,,,", "VM01,VM,region,Selurhel,2026-01-01,2025-01-01,"
        ),
        ["profiles-days-in-reverse"],
        "areas.csv",
    ),
    "an area twice": (
        lambda c: c.add("areas.csv", "VM01,VM,region,Again,,,,\n"),
        ["profiles-area-twice"],
        "areas.csv",
    ),
    "an area without boundary": (
        lambda c: [
            c.add("areas.csv", "VM07,VM,region,Nowhere,,,,\n"),
        ],
        ["profiles-area-without-boundary"],
        "areas.csv",
    ),
    "a boundary of no area": (
        lambda c: c.replace("areas.geojson", '"code":"VM010101"', '"code":"VM999999"'),
        ["profiles-area-without-boundary", "profiles-boundary-without-area"],
        "areas.csv",
    ),
    "a boundary that is no outline": (
        lambda c: c.write(
            "areas.geojson", '{"features": [{"properties": {"code": "VM"}, "geometry": {"type": "Point"}}]}'
        ),
        None,
        "areas.geojson",
    ),
    "a heading that is another": (
        lambda c: c.replace("areas.csv", "code,parent", "parent,code"),
        None,
        "areas.csv",
    ),
    "a rule that reads an unknown field": (
        lambda c: c.replace("programmes/old_age_pension.toml", "member.contributory_pension", "member.has_pension"),
        ["rules-field-unknown"],
        "programmes/old_age_pension.toml",
    ),
    "a rule that reads an unknown parameter": (
        lambda c: c.replace("programmes/old_age_pension.toml", "param.pension_age", "param.pension_years"),
        None,
        "programmes/old_age_pension.toml",
    ),
    "versions that overlap": (
        lambda c: c.replace("programmes/child_grant.toml", "until = 2026-06-30", "until = 2026-07-31"),
        None,
        "programmes/child_grant.toml",
    ),
    "a programme in another's file": (
        lambda c: c.replace("programmes/child_grant.toml", 'code = "child_grant"', 'code = "child_benefit"'),
        None,
        "programmes/child_grant.toml",
    ),
    "a parameter without a value": (
        lambda c: c.add("parameters.toml", '\n[spare]\ntype = "integer"\nlaw = "law-pensions-act-s11"\n'),
        ["profiles-parameter-empty"],
        "parameters.toml",
    ),
    "a parameter with two values on one day": (
        lambda c: c.add(
            "parameters.toml",
            '\n[[pension_supplement.value]]\nfrom = 2025-01-01\nvalue = "200.00"\nlaw = "law-pensions-act-s13"\n',
        ),
        None,
        "parameters.toml",
    ),
    "a parameter that comes after its rule": (
        lambda c: c.replace(
            "parameters.toml", "[[child_age.value]]\nfrom = 2025-01-01", "[[child_age.value]]\nfrom = 2025-02-01"
        ),
        ["profiles-parameter-late"],
        "programmes/child_grant.toml",
    ),
    "a parameter that nobody reads": (
        lambda c: [
            c.add(
                "parameters.toml",
                '\n[spare]\ntype = "integer"\nlaw = "law-pensions-act-s11"\n[[spare.value]]\nfrom = 2025-01-01\nvalue = 3\n',
            ),
            *(c.add(f"locale/{each}.po", '\n\nmsgid "parameter-spare"\nmsgstr "Spare"\n') for each in ("en", "ar")),
        ],
        ["profiles-parameter-unused"],
        "parameters.toml",
    ),
    "a label that one language lacks": (
        lambda c: c.replace("locale/ar.po", 'msgid "field-household-rooms"', 'msgid "field-household-chambers"'),
        ["profiles-words-missing"],
        "locale/ar.po",
    ),
    "a language without a catalogue": (
        lambda c: c.replace("profile.toml", 'languages = ["en", "ar"]', 'languages = ["en", "ar", "fr"]'),
        ["profiles-file-missing"],
        "locale/fr.po",
    ),
    "a language that is none": (
        lambda c: c.replace("profile.toml", 'languages = ["en", "ar"]', 'languages = ["en", "ar", "qqq"]'),
        ["profiles-language-unknown"],
        "profile.toml",
    ),
    "a catalogue that cannot be read": (
        lambda c: c.replace("locale/ar.po", 'msgid "profile-name"', 'names\nmsgid "profile-name"'),
        ["profiles-file-unreadable"],
        "locale/ar.po",
    ),
    "a mapping that names an unknown field": (
        lambda c: c.replace("mappings/census.toml", 'rooms = "rooms"', 'chambers = "rooms"'),
        ["intake-mapping-field-unknown"],
        "mappings/census.toml",
    ),
    "a mapping of groups that the country does not state": (
        lambda c: c.add(
            "mappings/census.toml",
            '\n[[table]]\nname = "clans"\nfile = "clans*"\noptional = true\n[table.person]\n'
            'key = "person"\nhousehold = "household"\n[[table.person.groups]]\nkind = "clan"\ncolumn = "clan"\n',
        ),
        ["intake-mapping-group-unknown"],
        "mappings/census.toml",
    ),
    "a group whose name no column can have": (
        lambda c: c.replace("profile.toml", "[groups.couple]", '[groups."a couple"]'),
        ["profiles-name-wrong"],
        "profile.toml",
    ),
    "a mapping of an unknown source": (
        lambda c: c.replace("mappings/census.toml", 'source = "census"', 'source = "gossip"'),
        ["profiles-source-unknown"],
        "mappings/census.toml",
    ),
    "a mapping of an unknown scheme": (
        lambda c: c.replace("mappings/census.toml", 'scheme = "refugee_id"', 'scheme = "passport"'),
        ["profiles-scheme-unknown"],
        "mappings/census.toml",
    ),
    "a source that names whole a list there is not": (
        lambda c: c.replace("sources.toml", 'complete = ["plot"]', 'complete = ["plots"]'),
        ["profiles-list-unknown"],
        "sources.toml",
    ),
    "a source said to name whole what its delivery may come without": (
        lambda c: c.replace("sources.toml", "rank = 8", 'rank = 8\ncomplete = ["plot"]'),
        ["profiles-list-incomplete"],
        "mappings/census.toml",
    ),
    "a source said to name whole what its mapping does not bring": (
        lambda c: c.replace("sources.toml", "rank = 8", 'rank = 8\ncomplete = ["caregiver"]'),
        ["profiles-list-incomplete"],
        "mappings/census.toml",
    ),
    "a case that does not come out": (
        lambda c: c.replace("cases/child_grant.yaml", "amount: 480.00", "amount: 480.01"),
        ["profiles-case-fails"],
        "cases/child_grant.yaml",
    ),
    "a case about a field nobody knows": (
        lambda c: c.replace("cases/child_grant.yaml", "income_per_month: 6000.00", "incom: 6000.00"),
        ["profiles-case-field-unknown"],
        "cases/child_grant.yaml",
    ),
    "a case about nobody": (
        lambda c: c.replace("cases/old_age_pension.yaml", "grandfather: {outcome", "uncle: {outcome"),
        ["profiles-case-nobody"],
        "cases/old_age_pension.yaml",
    ),
    "a case without members": (
        lambda c: c.replace("cases/child_grant.yaml", "    members: []\n", ""),
        ["profiles-case-without-members"],
        "cases/child_grant.yaml",
    ),
    "a time zone that is none": (
        lambda c: c.replace("profile.toml", 'time_zone = "UTC"', 'time_zone = "Velmora/Capital"'),
        ["profiles-time-zone-unknown"],
        "profile.toml",
    ),
    "people drawn by a field nobody knows": (
        lambda c: c.replace("synth.toml", "[household.rooms]", "[household.chambers]"),
        None,
        "synth.toml",
    ),
    "people drawn with a code nobody knows": (
        lambda c: c.replace("synth.toml", "tent = 0.01", "yurt = 0.01"),
        ["profiles-value-unknown"],
        "synth.toml",
    ),
    "shares that do not add up": (
        lambda c: c.replace("synth.toml", "tent = 0.01", "tent = 0.05"),
        ["profiles-shares-not-one"],
        "synth.toml",
    ),
    "a boolean drawn as an amount": (
        lambda c: c.replace("synth.toml", "[household.has_radio]\nshare = 0.55", "[household.has_radio]\nmedian = 3"),
        ["profiles-draw-of-another-type"],
        "synth.toml",
    ),
    "a field drawn in two ways": (
        lambda c: c.replace(
            "synth.toml", "[household.has_radio]\nshare = 0.55", "[household.has_radio]\nshare = 0.5\nmedian = 3"
        ),
        ["profiles-draw-one-way"],
        "synth.toml",
    ),
    "people asked by a field nobody knows": (
        lambda c: c.replace("synth.toml", 'only = { tenure = ["rented"] }', 'only = { tenancy = ["rented"] }'),
        ["profiles-condition-unknown"],
        "synth.toml",
    ),
    "people asked by a field that is drawn later": (
        lambda c: c.replace("synth.toml", 'unless = { toilet = ["none"] }', 'unless = { cattle = ["none"] }'),
        ["profiles-condition-unknown"],
        "synth.toml",
    ),
    "people asked by a code nobody knows": (
        lambda c: c.replace("synth.toml", 'only = { tenure = ["rented"] }', 'only = { tenure = ["hired"] }'),
        ["profiles-value-unknown"],
        "synth.toml",
    ),
    "people asked by a truth in quotes": (
        lambda c: c.replace("synth.toml", "only = { attends_school = [false] }", 'only = { attends_school = ["no"] }'),
        ["profiles-condition-type"],
        "synth.toml",
    ),
    "people drawn by what nobody has": (
        lambda c: c.replace("synth.toml", "by = { welfare = 0.7, size = 0.6 }", "by = { wealth = 0.7, size = 0.6 }"),
        ["profiles-value-unknown"],
        "synth.toml",
    ),
    "a number held under one nobody knows": (
        lambda c: c.replace("synth.toml", 'at_most = "rooms"', 'at_most = "chambers"'),
        ["profiles-condition-unknown"],
        "synth.toml",
    ),
    "areas named in a language the country has not": (
        lambda c: c.replace("areas.csv", "successor,name:ar", "successor,name:fr"),
        ["profiles-area-language-unknown"],
        "areas.csv",
    ),
    "areas with a column nobody knows": (
        lambda c: c.replace("areas.csv", "successor,name:ar", "successor,nom"),
        None,
        "areas.csv",
    ),
    "a number with more places than are checked": (
        lambda c: c.replace("profile.toml", "digits = 11", "digits = 19"),
        ["profiles-digits-wrong", "profiles-scheme-unknown", *["profiles-value-unknown"] * 10],
        "profile.toml",
    ),
    "a number checked in a way nobody knows": (
        lambda c: c.replace("profile.toml", 'check = "luhn"', 'check = "sum"'),
        None,
        "profile.toml",
    ),
    "a mapping without words": (
        lambda c: c.replace("locale/ar.po", 'msgid "mapping-census"', 'msgid "mapping-other"'),
        ["profiles-words-missing"],
        "locale/ar.po",
    ),
    "people of an area nobody knows": (
        lambda c: c.replace("synth.toml", "VM06 = { english", "VM66 = { english"),
        ["profiles-population-unknown-area"],
        "synth.toml",
    ),
    "settings that lack one": (
        lambda c: c.replace("synth.toml", "spacing_years = 3.0", ""),
        ["profiles-settings-incomplete"],
        "synth.toml",
    ),
    "a file nested without end": (
        lambda c: c.write("sources.toml", "a = " + "[" * 20_000),
        None,
        "sources.toml",
    ),
    "a programme of an area that is not there": (
        lambda c: c.replace("programmes/child_grant.toml", 'enrolled_by = "areas"', 'area = "VM99"'),
        ["profiles-enrolment-area"],
        "programmes/child_grant.toml",
    ),
    "a figure of an area that is none": (
        lambda c: c.replace("parameters.toml", "[pension_supplement]\n", '[pension_supplement]\narea = "VM99"\n'),
        ["profiles-parameter-area"],
        "parameters.toml",
    ),
    "a programme of the nation that goes by an area's figure": (
        lambda c: c.replace("parameters.toml", "[pension_supplement]\n", '[pension_supplement]\narea = "VM01"\n'),
        ["programmes-borrowed-from-area"],
        "programmes/old_age_pension.toml",
    ),
    "an office that is measured by an area's figure": (
        lambda c: c.replace("parameters.toml", "[office_work_least]\n", '[office_work_least]\narea = "VM01"\n'),
        ["profiles-parameter-of-area"],
        "parameters.toml",
    ),
    "a waiting list by rank where nobody is ranked": (
        lambda c: c.replace("programmes/disability_benefit.toml", 'order = "arrival"', 'order = "rank"'),
        ["profiles-enrolment-unranked"],
        "programmes/disability_benefit.toml",
    ),
    "a recertification about what no case is": (
        lambda c: c.replace("programmes/disability_benefit.toml", 'category = "reassessment"', 'category = "find_out"'),
        ["profiles-value-unknown"],
        "programmes/disability_benefit.toml",
    ),
    "a recertification after which nobody may suspend on the ground it names": (
        lambda c: c.replace(
            "programmes/disability_benefit.toml", 'suspension = "assessment-missed"', 'suspension = "forgotten"'
        ),
        ["profiles-value-unknown"],
        "programmes/disability_benefit.toml",
    ),
    "a recertification that opens with fewer days than its cases have": (
        lambda c: c.replace("programmes/disability_benefit.toml", "days_ahead = 120", "days_ahead = 45"),
        ["profiles-recertification-short"],
        "programmes/disability_benefit.toml",
    ),
    "a recertification that opens before the one before it is over": (
        lambda c: c.replace("programmes/disability_benefit.toml", "every_months = 36", "every_months = 4"),
        None,
        "programmes/disability_benefit.toml",
    ),
    "a recertification that is handed to nobody when it is late": (
        lambda c: c.replace(
            "cases.toml",
            'kind = "recertification"\ndays = 60\nescalate_days = 5\nescalate_to = "supervisor"\n',
            'kind = "recertification"\ndays = 60\n',
        ),
        ["profiles-recertification-nobody"],
        "programmes/disability_benefit.toml",
    ),
    "a system that tells of sensitive grievances": (
        lambda c: c.replace(
            "feeds.toml", '["payment_not_received", "treated_badly"]', '["payment_not_received", "asked_for_money"]'
        ),
        None,
        "feeds.toml",
    ),
    "grievances about what no grievance is": (
        lambda c: c.replace("feeds.toml", '"treated_badly"]', '"treated_badly", "wrong_in_record"]'),
        ["profiles-value-unknown"],
        "feeds.toml",
    ),
    "heads who collect where no field tells of heads": (
        lambda c: c.replace("dictionary.toml", 'role = "relation_to_head"\n', ""),
        ["intake-mapping-check-lacks", "profiles-enrolment-headless"],
        "programmes/lanavtan_rent_help.toml",
    ),
    "a reason to leave without words": (
        lambda c: c.replace("locale/ar.po", 'msgid "exit-died"', 'msgid "exit-other"'),
        ["profiles-words-missing"],
        "locale/ar.po",
    ),
    "a source twice": (
        lambda c: c.add("sources.toml", '\n[[source]]\ncode = "census"\nkind = "survey"\nrank = 9\n'),
        ["profiles-code-given-twice"],
        "sources.toml",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_in_its_file_and_told_in_three_paragraphs(country, fault):
    breaking, ids, file = FAULTS[fault]
    breaking(country)
    problems = country.problems()
    assert file in {each.file for each in problems}
    for problem in problems:
        if problem.message.id.startswith("profiles-"):
            assert [say(problem.message, each).count("\n") for each in ("en", "ar")] == [2, 2], problem.message.id
    if ids is not None:
        assert sorted(each.message.id for each in problems) == ids


def test_a_broken_line_is_given(country):
    country.replace("parameters.toml", 'type = "money"', "type = money")
    place = next(each.place for each in country.problems() if each.file == "parameters.toml")
    text = (country.folder / "parameters.toml").read_text("utf-8").split("\n")
    assert text[int(place) - 1] == "type = money"


def test_everything_that_is_wrong_is_said_at_once(country):
    country.replace("dictionary.toml", 'purpose = "assessment"', 'purpose = "curiosity"')
    country.replace("areas.csv", FIRST, "VM0101,VM77,district,")
    country.replace("cases/child_grant.yaml", "amount: 480.00", "amount: 480.01")
    country.replace("locale/en.po", 'msgid "source-census"', 'msgid "source-censuses"')
    assert country.ids() == [
        "profiles-case-fails",
        "profiles-parent-unknown",
        "profiles-purpose-unknown",
        "profiles-words-missing",
    ]


@pytest.mark.parametrize("role", ["guardian-angel", "auditor"])
def test_a_purpose_names_only_roles_that_read_records(country, role):
    country.replace("purposes.toml", 'roles = ["protection-officer"]', f'roles = ["{role}"]')
    assert "profiles-value-unknown" in country.ids()


def test_a_country_in_which_nobody_may_read_anything_is_told_so(country):
    file = country.folder / "purposes.toml"
    file.write_text(re.sub(r"roles = .*", "", file.read_text("utf-8")), "utf-8")
    assert country.ids() == ["profiles-purposes-without-role"]


def test_the_two_catalogues_of_the_example_say_the_same_things():
    folder = find("example") / "locale"
    assert texts(folder / "en.po", "en").keys() == texts(folder / "ar.po", "ar").keys()


def test_under_no_id_at_all_stand_no_words():
    """A catalogue keeps its header there, which once stood on a page as the name of a law."""
    assert not has_words("")
    assert has_words("web-home-programme")
