"""What the clock begins: conditions are followed by night, offices are measured once a month; nothing to do is no failure."""

from datetime import UTC, date, datetime

import pytest
from procrastinate.contrib.django import app

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes import actions, models, tasks
from tests.unit.programmes import test_performance
from tests.unit.programmes.country import installed, run

pytestmark = pytest.mark.usefixtures("fresh_database")


def measurements() -> list[tuple[date, date]]:
    return list(models.Measurement.objects.using("bulk").order_by("day").values_list("month", "day"))


def at(day: str):
    return clock.fixed(datetime.fromisoformat(f"{day}T15:00").replace(tzinfo=UTC))


def test_both_run_by_the_clock():
    found = {each.task.name: each.cron for each in app.periodic_registry.periodic_tasks.values()}
    assert found["programmes.follow"] == "37 1 * * *"
    assert found["programmes.measure"].endswith("1 * *")


def test_where_no_run_has_been_or_nothing_is_stated_the_night_does_nothing():
    tasks.follow(0)
    tasks.measure(0)
    installed()
    run(clock.today())
    tasks.follow(0)
    tasks.measure(0)
    assert measurements() == []


def test_on_the_first_the_month_before_is_measured_as_of_its_last_day():
    test_performance.stated()  # before the run, whose snapshot holds what indices read
    run(clock.today())
    with at("2027-03-01"):
        tasks.measure(0)
    assert measurements() == [(date(2027, 2, 1), date(2027, 2, 28))]


def test_what_is_broken_is_a_failure_and_not_a_quiet_night(monkeypatch):
    def broken(**_: object) -> None:
        raise Refused("programmes-draft-unknown")

    for name, task in (("follow_conditions", tasks.follow), ("measure", tasks.measure)):
        monkeypatch.setattr(actions, name, broken)
        with pytest.raises(Refused, match="programmes-draft-unknown"):
            task(0)
