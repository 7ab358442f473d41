from tests.spec.page import PAGE, page


def test_the_published_reference_is_what_the_examples_say():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tests.spec`"
