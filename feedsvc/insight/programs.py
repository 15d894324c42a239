"""Which program asks for a feed, and for how many readers, by what it says of itself. Pure."""

from __future__ import annotations

import re

from feedsvc.i18n import N_

BROWSER, OTHER, NONE = N_("Browser"), N_("Other programs"), N_("Programs without a name")
CRAWLERS, MONITORING = N_("Other crawlers"), N_("Monitoring")
# By a word of the User-Agent, in lower case; the first that is found counts. Services that read for
# many people come first: some of them also say the name of a browser.
KNOWN = (
    ("feedly", "Feedly"),
    ("inoreader", "Inoreader"),
    ("newsblur", "NewsBlur"),
    ("feedbin", "Feedbin"),
    ("theoldreader", "The Old Reader"),
    ("bazqux", "BazQux"),
    ("feedhq", "FeedHQ"),
    ("netvibes", "Netvibes"),
    ("feedwrangler", "Feed Wrangler"),
    ("protopage", "Protopage"),
    ("feedspot", "Feedspot"),
    ("feeder.co", "Feeder"),
    ("g2reader", "G2Reader"),
    ("miniflux", "Miniflux"),
    ("freshrss", "FreshRSS"),
    ("tiny tiny rss", "Tiny Tiny RSS"),
    ("nextcloud", "Nextcloud"),
    ("commafeed", "CommaFeed"),
    ("selfoss", "selfoss"),
    ("netnewswire", "NetNewsWire"),
    ("reeder", "Reeder"),
    ("readkit", "ReadKit"),
    ("vienna", "Vienna"),
    ("thunderbird", "Thunderbird"),
    ("akregator", "Akregator"),
    ("liferea", "Liferea"),
    ("newsboat", "Newsboat"),
    ("newsflash", "NewsFlash"),
    ("rssguard", "RSS Guard"),
    ("quiterss", "QuiteRSS"),
    ("fluent reader", "Fluent Reader"),
    ("feedbro", "Feedbro"),
    ("antennapod", "AntennaPod"),
    ("google-calendar", "Google Calendar"),
    ("dataaccessd", "Apple Calendar"),
    ("calendaragent", "Apple Calendar"),
    ("davx5", "DAVx5"),
    ("icsx5", "ICSx5"),
    ("outlook", "Outlook"),
    ("exchange", "Outlook"),
    ("microsoft office", "Outlook"),
    ("slackbot", "Slack"),
    ("microsoft teams", "Microsoft Teams"),
    ("skypeuripreview", "Microsoft Teams"),
    ("azure-logic-apps", "Power Automate"),
    ("zapier", "Zapier"),
    ("ifttt", "IFTTT"),
    ("feedfetcher-google", "Google"),
    ("googlebot", "Google"),
    ("bingbot", "Bing"),
    ("duckduckbot", "DuckDuckGo"),
    ("gptbot", "OpenAI"),
    ("claudebot", "Anthropic"),
    ("applebot", "Apple"),
    ("yandex", "Yandex"),
    ("wordpress", "WordPress"),
    ("drupal", "Drupal"),
    ("typo3", "TYPO3"),
    ("prometheus", MONITORING),
    ("uptime", MONITORING),
    ("curl", "curl"),
    ("wget", "Wget"),
    ("python", "Python"),
    ("go-http-client", "Go"),
    ("java/", "Java"),
    ("bot", CRAWLERS),
    ("crawler", CRAWLERS),
    ("spider", CRAWLERS),
)
MOST = 9_999_999
_READERS = re.compile(r"\b(\d{1,7}) (?:subscribers?|readers?)\b", re.IGNORECASE)


def program(agent: str) -> str:
    """The name of the program; what nobody here knows is counted together."""
    said = agent.casefold()
    for word, name in KNOWN:
        if word in said:
            return name
    if said.startswith("mozilla/"):
        return BROWSER
    return OTHER if said.strip() else NONE


def subscribers(agent: str) -> int:
    """For how many readers it says to ask; 0 where it does not say."""
    found = _READERS.search(agent)
    return min(int(found[1]), MOST) if found else 0


def is_robot(agent: str) -> bool:
    """Whether no person asks."""
    said = agent.casefold()
    return not said.startswith("mozilla/") or any(
        word in said for word in ("bot", "crawl", "spider")
    )
