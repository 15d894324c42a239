"""The list, with the columns, filters and search that the desk has."""

from __future__ import annotations

from django.contrib import admin

from benchmarks.desk_rows import NOW
from benchmarks.django_desk.models import Entry


class State(admin.SimpleListFilter):
    title, parameter_name = "state", "state"

    def lookups(self, request, model_admin):
        return [("draft", "Draft"), ("published", "Published")]

    def queryset(self, request, queryset):
        if self.value() == "draft":
            return queryset.filter(publish_at=None, review="")
        if self.value() == "published":
            return queryset.filter(publish_at__lte=NOW, withdrawn_at=None)
        return queryset


@admin.register(Entry)
class EntryAdmin(admin.ModelAdmin):
    list_display = ("__str__", "state", "deadline", "languages", "publish_at", "updated_at")
    list_filter = (State, "clusters")
    list_per_page = 50
    search_fields = ("texts__title",)

    def get_queryset(self, request):
        found = super().get_queryset(request).filter(kind="call")
        return found.prefetch_related("texts", "dates")

    def state(self, entry: Entry) -> str:
        if entry.publish_at is None:
            return entry.review or "draft"
        return "withdrawn" if entry.withdrawn_at else "published"

    def deadline(self, entry: Entry) -> object:
        return next((date.utc_at for date in entry.dates.all()), None)

    def languages(self, entry: Entry) -> str:
        return ", ".join(sorted(text.language for text in entry.texts.all()))
