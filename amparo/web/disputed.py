"""What a dispute is about, which a case keeps as codes: each with its question, and the words of the kind of thing it is."""

from amparo.kernel.messages import Message, message
from amparo.web.presenting import worded

_WHAT, _WHO = message("web-case-disputed-field"), message("web-case-disputed-source")
DISPUTED = {
    "disputed_field": (_WHAT, "field"),
    "disputed_source": (_WHO, "source"),
    "disputed_scheme": (_WHAT, "scheme"),
    "disputed_feed": (_WHO, "feed"),
}


def in_words(question: str, code: str) -> tuple[Message, Message | str]:
    """Return the question and its answer in words. Raises KeyError for a question that no dispute answers."""
    asked, kind = DISPUTED[question]
    return asked, worded(f"{kind}-{code.replace('.', '-')}", code)
