"""Texts and codes: whether one has a part"""


def test_parts_of_a_text(spec):
    """`startsWith`, `endsWith` and `contains` ask for a part of a text, written in the rule or a parameter. Letters count as
    they are written: there is no function for capitals, since databases disagree about the Turkish İ."""
    spec(
        'household.village.startsWith("İz") || household.village.contains(param.letters)',
        """
        home | village | answer
        -----+---------+--------
        1    | İzmir   | true
        2    | izmit   | false
        3    | Virton  | true
        4    |         | unknown
        """,
    )
    spec.refused('household.village.contains("") && household.size > 0', "rules-text-empty")
    spec.refused("household.village.contains(household.village) && household.size > 0", "rules-text-not-constant")


def test_parts_of_a_code(spec):
    """Of codes that are built from parts, such as those of occupations, a part can be asked. One that no code of the
    vocabulary has is refused, since nobody would be meant."""
    spec(
        'household.region.endsWith("th")',
        """
        home | region | answer
        -----+--------+--------
        1    | north  | true
        2    | south  | true
        3    | coast  | false
        4    |        | unknown
        """,
    )
    spec.refused('household.region.startsWith("e")', "rules-code-unknown")
