"""The signed links of mails: each is good for one thing and one reader, and names no address. Pure."""

from __future__ import annotations

from datetime import datetime

from feedsvc import tokens, urls
from feedsvc.settings import Settings
from feedsvc.subscriptions.rules import CONFIRM_WITHIN, RENEW_WITHIN
from feedsvc.urls import Site

CONFIRM, MANAGE, UNSUBSCRIBE = "confirm", "manage", "unsubscribe"
MUTE, RENEW = "mute", "renew"


def confirm_token(settings: Settings, subscriber_uid: str, *, now: datetime) -> str:
    """Good for 72 hours; in effect used once, for then nothing waits to be confirmed."""
    return tokens.sign(
        settings.secret_key, CONFIRM, subscriber_uid, now=now, lifetime=CONFIRM_WITHIN
    )


def manage_token(settings: Settings, subscriber_uid: str) -> str:
    return tokens.sign(settings.secret_key, MANAGE, subscriber_uid)


def unsubscribe_token(settings: Settings, subscriber_uid: str, subscription_uid: str = "") -> str:
    """Ends one subscription, or without its uid all of them. It never expires and may be replayed."""
    return tokens.sign(settings.secret_key, UNSUBSCRIBE, f"{subscriber_uid}:{subscription_uid}")


def who_unsubscribes(settings: Settings, token: str, *, now: datetime) -> tuple[str, str]:
    """The uids of subscriber and subscription ("" for all). Raises: BadToken."""
    subject = tokens.verify(settings.secret_key, UNSUBSCRIBE, token, now=now)
    subscriber_uid, _, subscription_uid = subject.partition(":")
    return subscriber_uid, subscription_uid


def mute_token(settings: Settings, subscriber_uid: str, call_uid: str) -> str:
    """Silences one call for one reader. It never expires and may be replayed."""
    return tokens.sign(settings.secret_key, MUTE, f"{subscriber_uid}:{call_uid}")


def who_mutes(settings: Settings, token: str, *, now: datetime) -> tuple[str, str]:
    """The uids of subscriber and call. Raises: BadToken."""
    subject = tokens.verify(settings.secret_key, MUTE, token, now=now)
    subscriber_uid, _, call_uid = subject.partition(":")
    return subscriber_uid, call_uid


def renew_token(settings: Settings, subscriber_uid: str, *, now: datetime) -> str:
    """Good for as long as an answer is waited for."""
    return tokens.sign(settings.secret_key, RENEW, subscriber_uid, now=now, lifetime=RENEW_WITHIN)


def confirm_url(settings: Settings, subscriber_uid: str, language: str, *, now: datetime) -> str:
    path = urls.confirm(confirm_token(settings, subscriber_uid, now=now))
    return Site.of(settings).absolute(path, language)


def manage_url(settings: Settings, subscriber_uid: str, language: str) -> str:
    path = urls.manage(manage_token(settings, subscriber_uid))
    return Site.of(settings).absolute(path, language)


def unsubscribe_url(
    settings: Settings, subscriber_uid: str, language: str, subscription_uid: str = ""
) -> str:
    path = urls.unsubscribe(unsubscribe_token(settings, subscriber_uid, subscription_uid))
    return Site.of(settings).absolute(path, language)


def mute_url(settings: Settings, subscriber_uid: str, language: str, call_uid: str) -> str:
    path = urls.mute(mute_token(settings, subscriber_uid, call_uid))
    return Site.of(settings).absolute(path, language)


def renew_url(settings: Settings, subscriber_uid: str, language: str, *, now: datetime) -> str:
    path = urls.renew(renew_token(settings, subscriber_uid, now=now))
    return Site.of(settings).absolute(path, language)


def data_url(settings: Settings, language: str) -> str:
    """The public page of what is kept of readers, and for how long."""
    return Site.of(settings).absolute(urls.STORED_DATA, language)
