"""The impact assessment, and whether the installation is live on it."""

from django.db import models


class ImpactAnswer(models.Model):
    """What somebody answered to a question of the impact assessment. The newest of a question counts; none is changed."""

    question = models.CharField(max_length=20)
    words = models.TextField()
    at = models.DateTimeField()
    by_id = models.UUIDField()


class ImpactAssessment(models.Model):
    """One version of the impact assessment, as it was laid down to be signed. Never changed.

    `content` what it states (`profiles.impact`); `digest` of that
    """

    number = models.IntegerField(primary_key=True)
    content = models.JSONField()
    digest = models.CharField(max_length=64, unique=True)
    laid_down_at = models.DateTimeField()
    laid_down_by = models.UUIDField()


class ImpactSignature(models.Model):
    """Somebody's signature under a version, and as what they signed. Never changed."""

    assessment = models.ForeignKey(ImpactAssessment, models.PROTECT, related_name="signatures")
    by_id = models.UUIDField()
    role = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "by_id"], name="impact_signed_once")]


class Stage(models.Model):
    """When the installation was taken live, by whom, on which assessment. Without such a row it is a trial. Never changed."""

    is_live = models.BooleanField(default=True, unique=True)
    at = models.DateTimeField()
    by_id = models.UUIDField()
    assessment = models.ForeignKey(ImpactAssessment, models.PROTECT, related_name="+")
