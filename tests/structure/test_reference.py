"""Pages of docs/reference that are read from the code are as the code is today."""

import pytest

from docs.write import GENERATED, PAGES, REFERENCE


@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_are_fresh(page):
    assert (REFERENCE / page).read_text() == GENERATED + PAGES[page](), "run `make docs`"
