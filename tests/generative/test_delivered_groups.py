"""Families and couples as deliveries say them, recorded set-based, against a plain model: one household after the other.

The model is the rule in the plainest words: who lives where, what was said last of whom, and which delivered group is which
that lives. AMPARO_DELIVERED_GROUPS says how many histories are generated: 6 here, of 10 households each.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from amparo.intake import actions
from tests.unit.intake.census import BY, rows

HISTORIES = int(os.environ.get("AMPARO_DELIVERED_GROUPS", "6"))
KINDS = ("family", "couple")
FIRST = date(2026, 3, 1)
PEOPLE, HOMES = 40, 10
MAPPING = tomllib.loads("""
[batch]
source = "census"
purpose = "registration"
[[table]]
name = "homes"
file = "homes*"
[table.household]
key = "home"
area = "area"
[[table]]
name = "people"
file = "people*"
[table.person]
key = "person"
household = "home"
[[table.person.groups]]
kind = "family"
column = "family"
[[table.person.groups]]
kind = "couple"
column = "couple"
""")

Said = Mapping[str, tuple[str, Mapping[str, str]]]  # person → home, and what each kind's column holds


@dataclass
class Group:
    home: str
    kind: str
    began: date
    members: set[str] = field(default_factory=set)
    id: UUID | None = None  # as the registry gave it, once it did


@dataclass
class Model:
    """The registry in the plainest words."""

    home: dict[str, str] = field(default_factory=dict)
    since: dict[str, date] = field(default_factory=dict)
    last: dict[str, object] = field(default_factory=dict)
    newest: dict[str, date] = field(default_factory=dict)
    changed: dict[tuple[str, str], date] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)

    def deliver(self, day: date, said: Said) -> None:
        new = [person for person in said if self.last.get(person) != (day, said[person])]
        for person in new:
            self.settle(person, said[person][0], day)
        for home in {said[person][0] for person in new}:
            for kind in KINDS:
                self.regroup(home, kind, day, {p: named[kind] for p, (at, named) in said.items() if at == home})
        for person in new:
            self.last[person] = day, said[person]
            self.newest[person] = max(day, self.newest.get(person, day))
        self.groups = [each for each in self.groups if each.members]

    def settle(self, person: str, home: str, day: date) -> None:
        """Who moves leaves the groups where they lived; what is older than their stay moves nobody."""
        lived = self.home.setdefault(person, home)
        since = self.since.setdefault(person, day)
        if lived != home and day >= since:
            self.home[person], self.since[person] = home, day
            for each in self.groups:
                if person in each.members:
                    each.members.remove(person)
                    self.changed[person, each.kind] = max(day, self.changed[person, each.kind])

    def regroup(self, home: str, kind: str, day: date, named: Mapping[str, str]) -> None:
        holds = {person: text for person, text in named.items() if self.holds(person, home, kind, day)}
        live = [each for each in self.groups if (each.home, each.kind) == (home, kind)]
        target = {text: self.match(text, holds, live) for text in set(holds.values()) - {""}}
        for text in sorted(target):
            if target[text] is None:
                target[text] = Group(home, kind, day)
                self.groups.append(target[text])
        for person, text in holds.items():
            now = next((each for each in live if person in each.members), None)
            if now is not target.get(text):
                self.changed[person, kind] = day
                if now is not None:
                    now.members.remove(person)
                if text:
                    target[text].members.add(person)

    def holds(self, person: str, home: str, kind: str, day: date) -> bool:
        """Whether they live there, and nothing newer is known: neither of the same record nor of their groups."""
        newer = max(self.newest.get(person, day), self.changed.get((person, kind), day))
        return self.home[person] == home and newer <= day

    @staticmethod
    def match(text: str, holds: Mapping[str, str], live: list[Group]) -> Group | None:
        def shared(text: str, group: Group) -> int:
            return sum(person in group.members for person, said in holds.items() if said == text)

        theirs = [each for each in live if shared(text, each)]
        if not theirs:
            return None
        best = min(theirs, key=lambda each: (-shared(text, each), each.began, each.id))
        its = min(set(holds.values()) - {""}, key=lambda said: (-shared(said, best), said))
        return best if its == text else None


person = st.none() | st.tuples(
    st.integers(0, HOMES - 1).map(str),
    st.fixed_dictionaries({"family": st.sampled_from(["", "1", "2", "3"]), "couple": st.sampled_from(["", "a", "b"])}),
)
delivery = st.tuples(st.integers(0, 3), st.lists(person, min_size=PEOPLE, max_size=PEOPLE))
settled = st.lists(st.integers(0, HOMES - 1).map(str), min_size=PEOPLE, max_size=PEOPLE)
_histories = count()
# A delivery takes a second: a history that fails is told as it was drawn.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@given(homes=settled, history=st.lists(delivery, min_size=3, max_size=5))
@settings(max_examples=HISTORIES, deadline=None, phases=_PHASES, suppress_health_check=list(HealthCheck))
def test_recorded_set_based_or_one_household_at_a_time_the_same_groups_live(database, homes, history):
    mark, model, came = f"{next(_histories)}-", Model(), []
    for days, drawn in history:
        # Most stay where they live: in one drawing of four they are delivered from elsewhere.
        said = {
            f"{mark}{n:02}": (f"{mark}{homes[n] if each[1]['family'] != '3' else each[0]}", each[1])
            for n, each in enumerate(drawn)
            if each is not None
        }
        if (days, said) in came:
            continue  # the very same files of the same day were taken in before, and are not again
        came.append((days, said))
        day = FIRST + timedelta(days)
        delivered(day, said, mark)
        model.deliver(day, said)
        found = lives(mark)
        for each in model.groups:
            alike = (id for id, its in found.items() if its == (each.home, each.kind, each.members))
            each.id = each.id or next(alike, None)
        assert found == {each.id: (each.home, each.kind, frozenset(each.members)) for each in model.groups}
        assert broken() == []


def delivered(day: date, said: Said, mark: str) -> None:
    people = [f"{person},{home},{named['family']},{named['couple']}" for person, (home, named) in said.items()]
    texts = {
        "homes.csv": ["home,area", *(f"{mark}{n},n1" for n in range(HOMES))],
        "people.csv": ["person,home,family,couple", *people],
    }
    with TemporaryDirectory() as folder:
        paths = {name: Path(folder) / name for name in texts}
        for name, lines in texts.items():
            paths[name].write_text("".join(f"{line}\n" for line in lines))
        received = actions.receive(paths, MAPPING, name="drawn", observed_on=day, by=BY, using="bulk")
        assert received.is_new
        receipt = actions.run(received.batch_id, by=BY)
    assert receipt["rows"]["quarantined"] == 0


def lives(mark: str) -> dict[UUID, tuple[str, str, frozenset[str]]]:
    """Return every live group of this history: household, kind and members, by the keys they were delivered with."""
    found = rows(f"""
        SELECT g.id, home.source_key, g.kind, array_agg(person.source_key)
        FROM registry_group g
        JOIN registry_groupmembership m ON m.group_id = g.id AND m.ends_on IS NULL
        JOIN registry_subjectlink hl ON hl.entity_id = g.household_id JOIN registry_subject home ON home.id = hl.subject_id
        JOIN registry_subjectlink pl ON pl.entity_id = m.person_id JOIN registry_subject person ON person.id = pl.subject_id
        WHERE g.ends_on IS NULL AND starts_with(home.source_key, '{mark}')
        GROUP BY g.id, home.source_key, g.kind
    """)
    return {id: (home, kind, frozenset(members)) for id, home, kind, members in found}


def broken() -> list[tuple]:
    """Return what must never be: who is in a group of another household or in two, and groups that live without members."""
    return rows("""
        WITH live AS (
            SELECT m.person_id, g.id, g.kind, g.household_id, g.ends_on
            FROM registry_groupmembership m JOIN registry_group g ON g.id = m.group_id WHERE m.ends_on IS NULL
        )
        SELECT 'of another household', person_id FROM live WHERE NOT EXISTS (
            SELECT FROM registry_membership m
            WHERE (m.person_id, m.household_id) = (live.person_id, live.household_id) AND m.ends_on IS NULL)
        UNION ALL SELECT 'in two', person_id FROM live GROUP BY person_id, kind HAVING count(*) > 1
        UNION ALL SELECT 'in one that ended', person_id FROM live WHERE ends_on IS NOT NULL
        UNION ALL SELECT 'without members', id FROM registry_group
            WHERE ends_on IS NULL AND id NOT IN (SELECT id FROM live)
    """)
