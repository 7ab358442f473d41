"""What `profile check` lets a condition speak of is what the population knows at that moment."""

from amparo.profiles.synth import chunks, generate
from amparo.profiles.synth.order import LATENTS, WORKED_OUT


def test_conditions_may_speak_of_what_is_there_when_a_field_is_drawn(velmora, tmp_path, monkeypatch):
    met, draw_all = [], chunks.draw_all

    def noting(draws, rows, random):
        met.append((set(rows.columns), set(rows.latents)))
        draw_all(draws, rows, random)

    monkeypatch.setattr(chunks, "draw_all", noting)
    generate(velmora, households=50, seed=1, folder=tmp_path, format="csv")
    grains = ("person", "household")  # in the order in which they are drawn
    assert met == [(set(WORKED_OUT[each]), set(LATENTS[each])) for each in grains]
