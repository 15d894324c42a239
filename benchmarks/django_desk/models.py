"""The tables of the desk as Django sees them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Cluster(models.Model):
    slug = models.CharField(max_length=80)

    class Meta:
        managed = False
        db_table = "cluster"

    def __str__(self) -> str:
        return self.slug


class Entry(models.Model):
    kind = models.CharField(max_length=8)
    publish_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    review = models.CharField(
        max_length=8, blank=True, choices=[("asked", "asked"), ("rejected", "rejected")]
    )
    updated_at = models.DateTimeField()
    clusters = models.ManyToManyField(Cluster, through="EntryCluster")

    class Meta:
        managed = False
        db_table = "entry"
        ordering: ClassVar[list[str]] = ["-updated_at", "-id"]

    def __str__(self) -> str:
        return next((text.title for text in self.texts.all()), str(self.pk))


class EntryCluster(models.Model):
    pk = models.CompositePrimaryKey("entry_id", "cluster_id")
    entry = models.ForeignKey(Entry, models.CASCADE)
    cluster = models.ForeignKey(Cluster, models.CASCADE)

    class Meta:
        managed = False
        db_table = "entry_cluster"


class Translation(models.Model):
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=5)
    title = models.CharField(max_length=300)

    class Meta:
        managed = False
        db_table = "translation"

    def __str__(self) -> str:
        return self.title


class KeyDate(models.Model):
    call = models.ForeignKey(Entry, models.CASCADE, related_name="dates")
    utc_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "key_date"

    def __str__(self) -> str:
        return str(self.utc_at)


class Router:
    """The desk has a database of its own, and nothing is made in it."""

    def db_for_read(self, model: type[models.Model], **_: object) -> str | None:
        return "desk" if model.__module__ == __name__ else None

    def allow_migrate(self, db: str, app_label: str, **_: object) -> bool:
        return db == "default" and app_label != "django_desk"
