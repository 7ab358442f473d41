"""Puts a country into the database: areas, purposes, sources, dictionary, boundaries, programmes, payments, agreements, notices."""

from amparo.cases.actions import install_categories, install_transitions
from amparo.kernel.errors import Refused
from amparo.notices.actions import install_notices
from amparo.payments import actions as payments
from amparo.profiles.types import Profile
from amparo.programmes import actions as programmes
from amparo.registry import actions as registry
from amparo.registry.queries import boundaries, installed_profile
from amparo.sources.actions import install_connections
from amparo.trust import actions as trust
from amparo.trust.actions import agreeing, erasures
from amparo.trust.queries import area_numbers
from amparo.trust.types import Actor


def install(profile: Profile, *, by: Actor) -> None:
    """Install a profile, or what has changed in it. Doing it again does nothing.

    The profile should have passed `checking.check`. Each part is written whole or not at all, in the order in which
    they build on each other, so that after a refusal the same call goes on from there. Raises Refused where the
    database says otherwise, for instance of a field that changed its type, or holds another country.
    """
    held = installed_profile(using="owner")
    if held and held[0] != profile.code:
        raise Refused("profiles-another-country", held=held[0], asked=profile.code)
    trust.install_areas(profile.areas, by=by)
    trust.install_purposes(profile.purposes, by=by)
    registry.install_sources(profile.sources, by=by)
    registry.install_dictionary(profile.dictionary, by=by)
    registry.install_attributes(profile.attributes, by=by)
    _install_boundaries(profile, by=by)
    programmes.install(profile.programmes, profile.parameters, by=by, tables=profile.tables, scoring=profile.models)
    programmes.install_indices(profile.indices, by=by)
    programmes.install_life_groups(profile.coverage.groups, by=by)
    payments.install(profile.payments, by=by)
    agreeing.install_organisations(profile.organisations, by=by)
    agreeing.install_agreements(profile.agreements, by=by)
    erasures.install_schedules(profile.schedules, by=by)
    trust.install_watch(profile.watch, profile.breach, by=by)
    install_categories(profile.categories, by=by)
    install_transitions(profile.transitions, by=by)
    install_notices(profile.notices, by=by)
    install_connections(profile.connections, by=by)
    registry.note_profile(profile.code, profile.digest, by=by)


def _install_boundaries(profile: Profile, *, by: Actor) -> None:
    """Boundaries are large: they are written, and the audit log told, only where one differs."""
    ids = {code: id for code, (id, _, _) in area_numbers().items()}
    held = boundaries(ids.values())
    changed = {code: each for code, each in profile.boundaries.items() if held.get(ids[code]) != each}
    if changed:
        registry.install_boundaries(changed, by=by)
