"""What an impact assessment asks of people."""

# What no program can know. Words under `impact-question-<name>`.
QUESTIONS = ("need", "proportion", "consulted", "hosting", "abroad", "kept", "excluded", "remaining", "contact")
