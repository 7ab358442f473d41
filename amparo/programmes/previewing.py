"""What a run would change, counted by programme and area before anything is written.

Shape   `programmes_preview`: one row per programme, area and kind of change
Units   units; before and after in minor units per payment period
Nulls   an amount that is not known, or not paid by the programme itself, adds nothing to a sum
"""

from uuid import UUID

import duckdb
from django.db import connections

from amparo.programmes import models
from amparo.programmes.publishing import BULK, LATER, copy
from amparo.programmes.steps import Step
from amparo.programmes.types import Change

_KIND = f"""CASE
    WHEN step = '{LATER}' THEN '{Change.LATER}'
    WHEN step = '{Step.WITHDRAW}' THEN '{Change.WITHDRAWN}'
    WHEN step = '{Step.PROPOSE}' AND (outcome OR NOT s_outcome) THEN '{Change.LESS}'
    WHEN step = '{Step.PROPOSE}' THEN '{Change.LOSES}'
    WHEN outcome AND s_outcome IS NOT TRUE THEN '{Change.GAINS}'
    WHEN outcome AND amount > s_amount THEN '{Change.MORE}'
    WHEN outcome IS NOT DISTINCT FROM s_outcome AND s_id IS NOT NULL THEN '{Change.SAME}'
    WHEN outcome IS NULL THEN '{Change.UNKNOWN}'
    WHEN NOT outcome THEN '{Change.REFUSED}'
    ELSE '{Change.UNKNOWN}'
END"""
_PREVIEW = f"""
SELECT $run AS run_id, programme_id, area_number, {_KIND} AS change, count(*) AS units,
    coalesce(sum(s_amount), 0)::BIGINT AS before_minor, coalesce(sum(amount), 0)::BIGINT AS after_minor
FROM change GROUP BY ALL
"""
_COLUMNS = {
    "run_id": "uuid",
    "programme_id": "smallint",
    "area_number": "bigint",
    "change": "text",
    "units": "bigint",
    "before_minor": "bigint",
    "after_minor": "bigint",
}


def write(connection: duckdb.DuckDBPyConnection, run: UUID) -> None:
    """Write the counts of a run's `change`, in place of those it had."""
    models.Preview.objects.using(BULK).filter(run_id=run).delete()
    with connections[BULK].cursor() as cursor:
        copy(connection, _PREVIEW, cursor, "programmes_preview", _COLUMNS, {"run": str(run)})
