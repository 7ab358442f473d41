"""What is known when a field is drawn: its conditions may speak of these, and of the fields drawn before it."""

LATENTS = {
    "household": ("welfare", "urban", "members", "size"),
    "person": ("welfare", "urban", "frailty", "age", "school"),
}
WORKED_OUT = {
    "household": ("income_per_month", "spending_per_month", "food_spending_per_month"),
    "person": (
        "attends_school",
        "school_level",
        "school_years",
        "can_read",
        "work_status",
        "work_sector",
        "hours_per_week",
        "has_contract",
        "social_insurance",
        "wage_per_month",
        "self_employment_per_month",
        "farm_income_per_month",
        "contributory_pension",
        "pension_per_month",
        "remittances_per_month",
        "other_transfers_per_month",
    ),
}
