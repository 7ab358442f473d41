"""All migrations together make exactly the models: nobody has to guess what the next `migrate` would do."""

from django.apps import apps
from django.db import migrations, models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from tests.structure import sources


def not_migrated(before: ProjectState, after: ProjectState, loader: MigrationLoader) -> list[str]:
    """Return what differs between two states, in the words of the migration that would be missing."""
    changes = MigrationAutodetector(before, after).changes(loader.graph)
    return [f"{app}: {step.describe()}" for app, found in changes.items() for each in found for step in each.operations]


def test_all_migrations_together_make_the_models():
    loader = MigrationLoader(None)
    ours = {each.label for each in apps.get_app_configs() if each.name.startswith("amparo.")}
    found = not_migrated(loader.project_state(), ProjectState.from_apps(apps), loader)
    sources.expect_none(each for each in found if each.split(":")[0] in ours)


def test_no_two_migrations_of_a_package_follow_the_same_one():
    assert MigrationLoader(None).detect_conflicts() == {}


def test_every_owner_of_tables_has_migrations():
    numbered = {sources.package_of(each) for each in sources.python(migrations=True) if "/migrations/0001_" in each}
    assert set(sources.owners_of_tables()) == numbered


def test_a_planted_difference_is_found():
    before, after = ProjectState(), ProjectState()
    named = migrations.CreateModel("Person", [("id", models.BigAutoField(primary_key=True))])
    named.state_forwards("registry", after)
    assert not_migrated(before, after, MigrationLoader(None)) == ["registry: Create model Person"]
