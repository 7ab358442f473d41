"""Words for what is called by name: the kind of step and its way, and the message that says it of its parts.

Shape   the messages take `first` and, where there is one, `second`
"""

CALLED = {
    ("round", "round"): "web-why-rounded",
    ("round", "half_even"): "web-why-rounded-half-even",
    ("round", "floor"): "web-why-rounded-down",
    ("round", "ceil"): "web-why-rounded-up",
    ("round", "trunc"): "web-why-rounded-trunc",
    ("round_to", "round"): "web-why-rounded-to",
    ("round_to", "half_even"): "web-why-rounded-half-even-to",
    ("round_to", "floor"): "web-why-rounded-down-to",
    ("round_to", "ceil"): "web-why-rounded-up-to",
    ("round_to", "trunc"): "web-why-rounded-trunc-to",
    ("signed", "abs"): "web-why-abs",
    ("signed", "sign"): "web-why-sign",
    ("power", "exp"): "web-why-exp",
    ("power", "ln"): "web-why-ln",
    ("power", "pow"): "web-why-pow",
    ("between", "years"): "web-why-years-between",
    ("between", "months"): "web-why-months-between",
    ("between", "days"): "web-why-days-between",
    ("months_later", ""): "web-why-months-later",
    ("calendar", "year"): "web-why-year-of",
    ("calendar", "month"): "web-why-month-of",
    ("text", "startsWith"): "web-why-starts",
    ("text", "endsWith"): "web-why-ends",
    ("text", "contains"): "web-why-contains",
    ("default", ""): "web-why-default",
    ("default", "used"): "web-why-default-used",
}
# What comes to a value that the words do not say.
RECKONED = ("arithmetic", "round", "round_to", "signed", "power", "between", "months_later", "calendar")
