"""Tables of programmes, by what they are for."""

from amparo.programmes.models.counting import Coverage, Exclusion, Gap, GroupCoverage, GroupExclusion, Untold
from amparo.programmes.models.deciding import (
    Decision,
    Determination,
    HouseholdDetermination,
    Preview,
    Tally,
)
from amparo.programmes.models.enrolling import OWN, Capacity, CollectorChange, Enrolment, EnrolmentNotice, EnrolmentStep
from amparo.programmes.models.feeding import (
    Beneficiary,
    Benefit,
    FeedDelivery,
    FeedPost,
    FeedRejection,
    FeedRetraction,
    Grievance,
    Match,
    Overlap,
    OverlapRun,
)
from amparo.programmes.models.following import Breach, Compliance, Following, FollowingCount
from amparo.programmes.models.measuring import Index, MeasuredArea, Measurement
from amparo.programmes.models.noticing import Notice, Reply, Review
from amparo.programmes.models.stating import (
    ContentVersion,
    Draft,
    LifeGroup,
    Parameter,
    ParameterValue,
    Programme,
    RuleVersion,
)

__all__ = [
    "OWN",
    "Beneficiary",
    "Benefit",
    "Breach",
    "Capacity",
    "CollectorChange",
    "Compliance",
    "ContentVersion",
    "Coverage",
    "Decision",
    "Determination",
    "Draft",
    "Enrolment",
    "EnrolmentNotice",
    "EnrolmentStep",
    "Exclusion",
    "FeedDelivery",
    "FeedPost",
    "FeedRejection",
    "FeedRetraction",
    "Following",
    "FollowingCount",
    "Gap",
    "Grievance",
    "GroupCoverage",
    "GroupExclusion",
    "HouseholdDetermination",
    "Index",
    "LifeGroup",
    "Match",
    "MeasuredArea",
    "Measurement",
    "Notice",
    "Overlap",
    "OverlapRun",
    "Parameter",
    "ParameterValue",
    "Preview",
    "Programme",
    "Reply",
    "Review",
    "RuleVersion",
    "Tally",
    "Untold",
]
