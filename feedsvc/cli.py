"""The `feedsvc` command: the edge for operators. It reads the clock and shows the transaction."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import click
from sqlalchemy.orm import Session

from feedsvc import clock, i18n, installation, migrations, supervisor, urls, worker
from feedsvc import settings as configuration
from feedsvc.auth import accounts, notices, second_step
from feedsvc.auth import changes as account_changes
from feedsvc.auth import queries as account_queries
from feedsvc.auth import rules as account_rules
from feedsvc.auth.accounts import AccountEdit
from feedsvc.auth.models import Account
from feedsvc.auth.notices import Change, Event
from feedsvc.calls import dates
from feedsvc.content import entries
from feedsvc.content.media import copies
from feedsvc.db import Database
from feedsvc.demo import load as demo_content
from feedsvc.errors import FeedsvcError, Invalid, NotFound, Problem
from feedsvc.house import first_visit
from feedsvc.house import queries as house
from feedsvc.imports import calls as call_import
from feedsvc.reminders import printed, rehearsal, replay
from feedsvc.serving import processes
from feedsvc.settings import Settings

EDITOR = "editor@agency.example"


def _cores() -> int:
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Commands(click.Group):
    """Commands whose errors are sentences, never traces."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Invalid as error:
            raise click.ClickException("\n".join(str(p) for p in error.problems)) from error
        except FeedsvcError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands)
@click.version_option(package_name="feedsvc")
def main() -> None:
    """News, calls for projects, and reminders of their deadlines."""


@main.command()
def init() -> None:
    """Make the instance folder, the settings file, the secret key and the database."""
    settings = installation.prepare(now=clock.now())
    click.echo(f"Ready in {settings.instance_path}.")
    if urls.is_own_machine(settings.base_url):
        click.echo(f"Links in mails and feeds begin with {settings.base_url}: set base_url in")
        click.echo(f"{settings.instance_path / 'feedsvc.toml'} to the address for readers first.")
    click.echo("Next: feedsvc serve, and feedsvc schedule beside it.")
    _tell_of_first_visit(settings)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=_cores,
    show_default="one for each core",
    help="Processes that answer requests.",
)
def serve(host: str, port: int, workers: int) -> None:
    """Answer requests."""
    _tell_of_first_visit(configuration.load())
    supervisor.must_be_free(host, port)
    processes.become("feedsvc.app:create_served", host=host, port=port, workers=workers)


@main.command()
def setup() -> None:
    """Print a new code for the first visit, as long as nobody has an account."""
    settings = configuration.load()
    with _database(settings).begin() as session:
        code = first_visit.new_code(session, clock.now())
    _print_code(code, settings)


def _tell_of_first_visit(settings: Settings) -> None:
    """A code for who opens the site first, if nobody has an account and the schema is there."""
    db = _database(settings)
    if not migrations.is_current(db):
        return
    with db.begin() as session:
        code = first_visit.new_code(session, clock.now()) if first_visit.is_open(session) else ""
    db.close()
    if code:
        _print_code(code, settings)


def _print_code(code: str, settings: Settings) -> None:
    click.echo(f"Nobody has an account yet: open {settings.base_url.rstrip('/')}/admin/setup")
    click.echo(f"and enter this code within a day: {code}")


@main.command()
@click.option("--once", is_flag=True, help="Run every job once and stop.")
def schedule(once: bool) -> None:
    """Plan reminders and send mail. Several schedulers may run at once."""
    worker.main(["--once"] if once else [])


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def demo(host: str, port: int) -> None:
    """Set up demo content and run web server and scheduler until Ctrl-C."""
    supervisor.must_be_free(host, port)
    os.environ.setdefault("FEEDSVC_BASE_URL", f"http://{host}:{port}")
    os.environ.setdefault("FEEDSVC_CHECK_LINKS", "false")  # a try calls nobody
    settings = installation.prepare(now=clock.now())
    db = Database(settings.effective_database_url)
    with db.begin() as session:
        loaded = demo_content.load(session, settings=settings, now=clock.now())
    password = _first_editor(db)
    db.close()
    _welcome(settings, str(loaded), password)
    here = [sys.executable, "-m", "feedsvc"]
    supervisor.run(
        [*here, "serve", "--host", host, "--port", str(port)],
        [*here, "schedule"],
    )


def _first_editor(db: Database) -> str | None:
    """A fresh password for the demo's editor, or None if there is an editor already."""
    with db.begin() as session:
        if account_queries.account(session, EDITOR):
            return None
        password = secrets.token_urlsafe(12)
        demo = AccountEdit(email=EDITOR, name="Demo editor", role=account_rules.ADMINISTRATOR)
        accounts.add(session, demo, password=password, now=clock.now())
    return password


def _welcome(settings: Settings, loaded: str, password: str | None) -> None:
    base = settings.base_url
    shown = password or "(shown at the first start; feedsvc user password sets a new one)"
    click.echo(
        f"""
{settings.site_name}: {loaded}

  Site       {base}/
  Feeds      {base}/feeds/
  Admin      {base}/admin/
  Sign in    {EDITOR}
  Password   {shown}
  Mails      kept, not sent: {base}/admin/outbox/

Stop with Ctrl-C. `make demo` starts again with everything kept, in {settings.instance_path}.
"""
    )


@main.group()
def user() -> None:
    """Accounts of editors."""


@user.command("add")
@click.argument("email")
@click.option("--name", help="The person's name (default: the address).")
@click.option("--role", type=click.Choice(account_rules.ROLES), default=account_rules.EDITOR)
@click.option(
    "--cluster", "slugs", multiple=True, help="What a cluster_editor may edit; repeat it."
)
@click.password_option(help="Asked for when not given.")
def user_add(
    email: str, name: str | None, role: str, slugs: tuple[str, ...], password: str
) -> None:
    """Add an account that may sign in."""
    with _database().begin() as session:
        clusters = [cluster.id for cluster in entries.clusters_of(session, slugs)]
        edit = AccountEdit(email=email, name=name or email, role=role, clusters=clusters)
        accounts.add(session, edit, password=password, now=clock.now())
    click.echo(f"{email} may sign in.")


@user.command("password")
@click.argument("email")
@click.password_option(help="Asked for when not given.")
def user_password(email: str, password: str) -> None:
    """Set a new password and end the account's sessions."""
    with _database().begin() as session:
        account_changes.reset_password(session, email, password, now=clock.now())
        _tell_owner(session, email, Change.PASSWORD)
    click.echo(f"{email} has a new password; its sessions have ended.")


@user.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(account_rules.ROLES))
@click.option(
    "--cluster", "slugs", multiple=True, help="What a cluster_editor may edit; repeat it."
)
def user_role(email: str, role: str, slugs: tuple[str, ...]) -> None:
    """Give an account another role."""
    with _database().begin() as session:
        account = _account(session, email)
        clusters = [cluster.id for cluster in entries.clusters_of(session, slugs)]
        edit = AccountEdit(email=account.email, name=account.name, role=role, clusters=clusters)
        accounts.change(session, account.id, edit, actor=account_rules.SYSTEM, now=clock.now())
    click.echo(f"{email} is {role.replace('_', ' ')} from now on.")


@user.command("second-step-off")
@click.argument("email")
def user_second_step_off(email: str) -> None:
    """Let a password be enough, for who has lost telephone and recovery codes."""
    with _database().begin() as session:
        account = _account(session, email)
        if second_step.turn_off(session, account.id, actor=account_rules.SYSTEM, now=clock.now()):
            _tell_owner(session, email, Change.SECOND_STEP_OFF)
    click.echo(f"{email} signs in with the password alone.")


def _tell_owner(session: Session, email: str, change: Change) -> None:
    """By mail, as of every change of how an account signs in."""
    event = Event(change=change, actor=account_rules.SYSTEM, at=clock.now())
    settings = house.effective(session, configuration.load())
    notices.tell(session, _account(session, email), event, settings=settings)


@main.group("import")
def import_() -> None:
    """Read other people's calls."""


@import_.command("calls")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and report, write nothing.")
def import_calls(file: Path, dry_run: bool) -> None:
    """Import calls from a JSON Lines file; a second run changes only what differs."""
    db, settings = _present()
    with click.progressbar(length=file.stat().st_size, label="Reading") as bar:
        report = call_import.import_calls(
            db,
            file,
            settings=settings,
            now=clock.now(),
            dry_run=dry_run,
            progress=bar.update,
        )
    click.echo(str(report))


@main.group()
def mail() -> None:
    """Mails, one by one."""


@mail.command("explain")
@click.argument("which", metavar="ID|ADDRESS")
@click.option("--call", "slug", help="The last part of a call's address: why it was told, or not.")
@click.option("--language", type=click.Choice(configuration.KNOWN_LANGUAGES), default="en")
def mail_explain(which: str, slug: str | None, language: str) -> None:
    """Tell the story of a mail, or why an address gets what it gets."""
    (db, settings), said, now = _present(), i18n.language(language), clock.now()
    with db.read() as session:
        if which.isdigit():
            lines = printed.mail(session, int(which), settings=settings, language=said, now=now)
        else:
            lines = printed.address(
                session, which, slug=slug, settings=settings, language=said, now=now
            )
        for line in lines:
            click.echo(line)


@mail.command("replay")
@click.option("--uncertain", is_flag=True, required=True, help="Those that may have arrived.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=1_000, show_default=True)
@click.option("--dry-run", is_flag=True, help="Name them, and send nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def mail_replay(uncertain: bool, limit: int, dry_run: bool, yes: bool) -> None:
    """Send once more what was given up because the mail server never answered."""
    if not uncertain:
        raise click.UsageError("Say which mails: --uncertain.")
    db, now = _database(), clock.now()
    mails = replay.found(db, now, limit=limit)
    for one in mails if dry_run else ():
        click.echo(str(one))
    if dry_run or not mails:
        click.echo(f"{len(mails)} mails would be sent once more; nothing was changed.")
        return
    question = f"Send {len(mails)} mails once more? Their readers may get them twice."
    if not yes:
        click.confirm(question, abort=True)
    click.echo(f"{replay.send(db, now, limit=limit)} mails are queued again.")


@main.group()
def reminders() -> None:
    """Reminders before they are planned."""


@reminders.command("preview")
@click.option("--at", "until", required=True, metavar="TIME", help="Up to when; 2026-04-23T09:00.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each reminder.")
def reminders_preview(until: str, as_json: bool) -> None:
    """Say who would get which reminder up to a time, and plan nothing."""
    db, settings = _present()
    now, at = clock.now(), dates.written(until, settings.timezone)
    if at <= now:
        raise Invalid(Problem("at", "This time has passed. Name one that is to come."))
    expected = rehearsal.preview(db, settings, at, now=now)
    with db.read() as session:
        show = printed.lines if as_json else printed.table
        for line in show(session, expected, settings):
            click.echo(line)


@main.group()
def media() -> None:
    """Pictures and documents."""


@media.command("check")
def media_check() -> None:
    """Say whether every file that the database names is there."""
    settings = configuration.load()
    with _database(settings).read() as session:
        missing = copies.missing(session, settings.media_path)
    for name in missing:
        click.echo(name)
    if missing:
        raise click.ClickException(f"{len(missing)} files are not in {settings.media_path}.")
    click.echo("Every picture and document is there.")


def _account(session: Session, email: str) -> Account:
    account = account_queries.account(session, email)
    if account is None:
        raise NotFound("There is no account with this address.")
    return account


def _present() -> tuple[Database, Settings]:
    """The database, and the settings with what was decided in the admin."""
    settings = configuration.load()
    db = _database(settings)
    with db.read() as session:
        return db, house.effective(session, settings)


def _database(settings: Settings | None = None) -> Database:
    settings = settings or configuration.load()
    return Database(settings.effective_database_url)
