"""The report on a plan: one HTML page that needs nothing but itself."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files

from spareplace import __version__
from spareplace.canonical import JSON, fingerprint
from spareplace.cluster import Cluster
from spareplace.errors import OtherCluster
from spareplace.explaining.trading import Frontier
from spareplace.placement import Plan
from spareplace.reporting.failures_section import failures_section
from spareplace.reporting.forest_section import forest_section
from spareplace.reporting.frontier_section import frontier_section
from spareplace.reporting.headline import headline
from spareplace.reporting.heat_section import heat_section
from spareplace.reporting.markup import Markup, joined, name_of, shown, tag
from spareplace.reporting.pieces import rest_of, section, table, text_column
from spareplace.reporting.servers_section import servers_section

MOST_UNPROTECTED = 200
"""(VM, failure) pairs that are listed."""

TITLE = "Spare image plan"


def report(
    cluster: Cluster, plan: Plan, *, frontier: Frontier | None = None, title: str = TITLE
) -> str:
    """Describe a plan as one HTML page, which needs no network and is the same for the same plan.

    Parameters
    ----------
    cluster
        What the plan is for.
    plan
        One that keeps every rule, as `check` tells.
    frontier
        What stored bytes buy in this cluster, to be shown as well.
    title
        Of the page.

    Raises
    ------
    OtherCluster
        If the plan or the frontier is of another cluster.

    Examples
    --------
    >>> from spareplace import load_cluster, plan, report
    >>> cluster = load_cluster("examples/paper.json")
    >>> page = report(cluster, plan(cluster, method="greedy"))
    >>> page[:15], "15 GB" in page
    ('<!doctype html>', True)
    """
    expected = fingerprint(cluster)
    for found in (plan.cluster_sha256, None if frontier is None else frontier.cluster_sha256):
        if found is not None and found != expected:
            raise OtherCluster(expected, found)
    pieces = [
        heat_section(cluster, plan),
        failures_section(cluster, plan),
        forest_section(cluster, plan),
    ]
    heat, failures, forest = (piece.markup for piece in pieces)
    later = {key: value for piece in pieces for key, value in piece.later.items()}
    content = [
        tag("header", tag("h1", shown(title)), headline(cluster, plan), _exact_switch()),
        tag(
            "main",
            _unprotected(plan),
            servers_section(cluster, plan),
            forest,
            heat,
            failures,
            None if frontier is None else frontier_section(frontier, plan),
        ),
        tag("footer", f"spareplace {__version__}, cluster {plan.cluster_sha256[:12]}"),
    ]
    return f"<!doctype html>\n{_document(shown(title), joined(content), later)}\n"


def _document(title: str, content: Markup, later: Mapping[str, JSON]) -> Markup:
    style, script = (_resource(name) for name in ("report.css", "report.js"))
    hashed = b64encode(sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hashed}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=policy),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("title", title),
            tag("style", style),
        ),
        tag(
            "body",
            content,
            tag("script", _inert(later), type="application/json", id="later"),
            tag("script", script),
        ),
        lang="en",
    )


def _resource(name: str) -> Markup:
    """Give one of the files beside this module; neither holds anything that ends its element."""
    return Markup(files("spareplace.reporting").joinpath(name).read_text(encoding="utf-8"))


def _inert(value: Mapping[str, JSON]) -> Markup:
    r"""Write JSON such that nothing in it can end the element that it stands in.

    Examples
    --------
    >>> _inert({"a": "</script>"})
    '{"a":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, separators=(",", ":"))
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


def _exact_switch() -> Markup:
    """Make the box that turns rounded figures into exact ones; no script is needed for it."""
    return tag(
        "p",
        tag("label", tag("input", type="checkbox", id="exact"), " Show exact figures"),
        class_="switch",
    )


def _unprotected(plan: Plan) -> Markup | None:
    if not plan.unprotected:
        return None
    return section(
        "unprotected",
        "Not protected",
        table(
            "VMs that are not rebuilt in a failure",
            (text_column("VM"), text_column("Failure"), text_column("Reason")),
            [
                (name_of(it.vm), name_of(it.failure), shown(it.reason, most=400))
                for it in plan.unprotected[:MOST_UNPROTECTED]
            ],
            rest_of(len(plan.unprotected), MOST_UNPROTECTED, "pair"),
        ),
    )
