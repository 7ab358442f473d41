"""Writing the profile's programmes and figures. What was believed before stays, so that past decisions keep their law."""

from collections.abc import Sequence

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.programmes import lifecycle, models
from amparo.programmes.config import ParameterConfig, ProgrammeConfig
from amparo.programmes.rulebook import installed_parameters, life_groups
from amparo.programmes.standing import RULE, Standing, with_published
from amparo.programmes.writing import checked, write
from amparo.registry.queries import dictionary
from amparo.rules.contents import ScoringModel, Table
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Permission

OWNER = "owner"
_FREE_PLACES = "DELETE FROM programmes_capacity WHERE NOT programme_id = ANY (%s::smallint[])"
# Those who take part already are counted, once, when a programme is first given a number of places.
_PLACES = """
INSERT INTO programmes_capacity (programme_id, places, taken)
SELECT stated.programme_id, stated.places, amparo_taken_places(stated.programme_id)
FROM unnest(%s::smallint[], %s::bigint[]) stated (programme_id, places)
ON CONFLICT (programme_id) DO UPDATE SET places = excluded.places WHERE programmes_capacity.places <> excluded.places
"""


@transaction.atomic(using=OWNER)
def install(
    programmes: Sequence[ProgrammeConfig],
    parameters: Sequence[ParameterConfig],
    *,
    by: Actor,
    tables: Sequence[Table] = (),
    scoring: Sequence[ScoringModel] = (),
) -> int:
    """Write programmes, their rules, figures, tables and models as the profile states them; return how many rows changed.

    Every rule is checked first: one that is refused (RuleRefused) leaves everything as it was. A version or value whose
    text changed is replaced, not overwritten. One whose meaning is the same stays, so that no decision is written anew
    for a space. What was published on the pages stands, whatever the profile states for its day; the audit log says so.
    """
    by = by.narrowed(Permission.INSTALL_PROFILE)
    stated = Standing(tuple(programmes), tuple(parameters), tuple(tables), tuple(scoring))
    stated, drafts = with_published(stated, using=OWNER)
    hashes = checked(stated, using=OWNER)
    changed = (
        _install_heads(stated)
        + _install_places(stated)
        + write(stated, hashes, drafts, using=OWNER)
        + _withdraw(stated)
    )
    if changed:
        codes, kept = stated.names(RULE), ["{}:{}:{}".format(*each) for each in drafts]
        record(Event.PROGRAMMES_INSTALLED, by=by, using=OWNER, programmes=codes, rows=changed, published_stand=kept)
    return changed


@transaction.atomic(using=OWNER)
def install_life_groups(groups: Sequence[lifecycle.LifeGroup], *, by: Actor) -> bool:
    """Write the life-cycle groups by which people are counted, in their order; return whether anything changed.

    Every rule is checked first: one that is refused (RuleRefused) leaves everything as it was. Counts that were made stay.
    """
    by = by.narrowed(Permission.INSTALL_PROFILE)
    stated = [(each.code, each.rule) for each in groups]
    if stated == life_groups(using=OWNER):
        return False
    words, figures = dictionary(using=OWNER), installed_parameters(using=OWNER)
    for each in groups:
        lifecycle.compiled(each, words, figures)
    models.LifeGroup.objects.using(OWNER).all().delete()
    rows = [models.LifeGroup(code=code, position=n, rule=rule) for n, (code, rule) in enumerate(stated)]
    models.LifeGroup.objects.using(OWNER).bulk_create(rows)
    record(Event.PROGRAMMES_INSTALLED, by=by, using=OWNER, life_groups=[code for code, _ in stated])
    return True


def _install_heads(stated: Standing) -> int:
    """Write programmes and figures themselves, without their versions."""
    changed = 0
    for each in stated.parameters:
        head = {"type": each.type.value, "unit": each.unit, "law": each.law, "area": each.area}
        changed += _install_head(models.Parameter, {"name": each.name}, head)
    for position, programme in enumerate(stated.programmes):
        head = {
            "unit": programme.unit.value,
            "position": position,
            "withdrawn_at": None,
            "procedure": programme.procedure.kept(),
            "enrolment": programme.enrolment.kept(),
            "conditions": [each.kept() for each in programme.conditions],
        }
        changed += _install_head(models.Programme, {"code": programme.code}, head)
    return changed


def _install_places(stated: Standing) -> int:
    """Write how many places each programme has; return how many differ. Fewer than are taken put nobody out."""
    ids = dict(models.Programme.objects.using(OWNER).values_list("code", "id"))
    wanted = {ids[each.code]: each.enrolment.places for each in stated.programmes if each.enrolment.places is not None}
    with connections[OWNER].cursor() as cursor:
        cursor.execute(_FREE_PLACES, [list(wanted)])
        changed = cursor.rowcount
        cursor.execute(_PLACES, [list(wanted), list(wanted.values())])
        return changed + cursor.rowcount


def _install_head(of: type[models.Parameter] | type[models.Programme], named: dict[str, str], head: dict) -> bool:
    row, is_new = of.objects.using(OWNER).get_or_create(**named, defaults=head)
    differs = any(getattr(row, name) != value for name, value in head.items())
    if differs:
        of.objects.using(OWNER).filter(**named).update(**head)
    return is_new or differs


def _withdraw(stated: Standing) -> int:
    """Mark programmes that the profile no longer has; their decisions stay."""
    gone = models.Programme.objects.using(OWNER).filter(withdrawn_at=None)
    return gone.exclude(code__in=stated.names(RULE)).update(withdrawn_at=clock.now())
