"""The page of how cases go: whoever reads no case chooses a whole year, and whoever does the days (OPS-2)."""

from tests.lib import pages


def test_whoever_reads_no_case_chooses_a_year(emre):
    for address in ("/cases/figures/", "/cases/transitions/"):
        page = emre.get(address, {"until": "2025-03-05", "since": "2025-03-04"})
        pages.assert_is_whole(page)
        assert '<option value="2025-12-31" selected>' in page.content.decode()
        assert 'name="since"' not in page.content.decode()


def test_whoever_reads_cases_chooses_days(bruno):
    for address in ("/cases/figures/", "/cases/transitions/"):
        page = bruno.get(address, {"until": "2025-03-05", "since": "2025-03-04"})
        pages.assert_is_whole(page)
        assert 'name="since"' in page.content.decode()
        assert "2025-12-31" not in page.content.decode()
