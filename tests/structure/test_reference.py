"""Pages of docs/reference that are read from the code are as the code is today."""

import pytest

from docs.write import GENERATED, PAGES, REFERENCE
from tests.structure import sources


@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_are_fresh(page):
    assert (REFERENCE / page).read_text() == GENERATED + PAGES[page](), "run `make docs`"


def test_a_page_that_calls_itself_generated_is():
    pages = sources.under("docs/reference", ".md")
    called = {
        each.removeprefix("docs/reference/") for each in pages if sources.text(each).startswith(GENERATED.strip())
    }
    assert called == set(PAGES)
