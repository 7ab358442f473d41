"""The built style sheet that is mirrored for scripts written from right to left."""

from tests.structure.sources import ROOT

BUILT = ROOT / "amparo/web/static/built"


def test_rules_and_numbers_are_read_from_left_to_right_on_every_page():
    """The mirror turns `direction: ltr` around, unless it is told not to: then `size >= 1 &&` reads `&& size >= 1`."""
    for name in ("amparo.css", "amparo.rtl.css"):
        sheet = (BUILT / name).read_text()
        assert "direction:ltr" in sheet
        assert "direction:rtl" not in sheet
