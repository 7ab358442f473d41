"""What an agreement may hand over of programmes beside facts: answers of a check, and how enrolments stand. No database here.

Shape   grain → names, as an agreement lists them: `check.enrolled`, `enrolment.state`
Nulls   none
Source  decision 53
"""

from collections.abc import Mapping
from enum import StrEnum

CHECK, ENROLMENT = "check", "enrolment"


class Question(StrEnum):
    """What a list of people may be checked for."""

    REGISTERED = "registered"
    ENROLLED = "enrolled"  # in the agreement's programme
    INCOMPATIBLE = "incompatible"  # in a programme that does not go together with it


class Answer(StrEnum):
    """What is answered of one person."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  # neither is known
    NOT_FOUND = "not-found"  # nobody whom the agreement reaches has the number: that is no "no"


WORDS: Mapping[str, tuple[str, ...]] = {
    CHECK: tuple(each.value for each in Question),
    ENROLMENT: ("state", "starts_on", "ends_on"),
}
# What can be said without a programme.
OF_NOBODYS_PROGRAMME = frozenset({(CHECK, Question.REGISTERED.value)})
