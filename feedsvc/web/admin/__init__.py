"""The admin: `blueprint`, with every route on it."""

from feedsvc.web.admin import account as account
from feedsvc.web.admin import accounts as accounts
from feedsvc.web.admin import calls as calls
from feedsvc.web.admin import dashboard as dashboard
from feedsvc.web.admin import devices as devices
from feedsvc.web.admin import duplicates as duplicates
from feedsvc.web.admin import log as log
from feedsvc.web.admin import mail as mail
from feedsvc.web.admin import mailed as mailed
from feedsvc.web.admin import news as news
from feedsvc.web.admin import outbox as outbox
from feedsvc.web.admin import parts as parts
from feedsvc.web.admin import passkeys as passkeys
from feedsvc.web.admin import publication as publication
from feedsvc.web.admin import second_step as second_step
from feedsvc.web.admin import suppressions as suppressions
from feedsvc.web.admin import tokens as tokens
from feedsvc.web.admin import told as told
from feedsvc.web.admin.beside import routes as beside_routes  # noqa: F401
from feedsvc.web.admin.desk import reviews as reviews
from feedsvc.web.admin.desk import revisions as revisions
from feedsvc.web.admin.desk import typed as typed
from feedsvc.web.admin.gate import blueprint as blueprint
from feedsvc.web.admin.house import first_steps as first_steps
from feedsvc.web.admin.house import settings as settings
from feedsvc.web.admin.house import setup as setup
from feedsvc.web.admin.insight import page as page
from feedsvc.web.admin.media import papers as papers
from feedsvc.web.admin.media import pictures as pictures
from feedsvc.web.admin.moves import routes as moves_routes  # noqa: F401
from feedsvc.web.admin.openid import ways as ways
from feedsvc.web.admin.previews import routes as previews_routes  # noqa: F401
