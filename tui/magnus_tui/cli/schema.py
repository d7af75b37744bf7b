"""``magnus-tui schema``: the JSON schema of a run log."""

from __future__ import annotations

import click

from magnus_tui.cli.output import write_json


@click.command("schema")
def command() -> None:
    """Print the JSON schema of a run log, in every dialect of both engines."""
    from magnus_tracking.runlog.models import RunLog

    write_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **RunLog.model_json_schema()})
