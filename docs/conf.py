"""How Sphinx makes the site: ``sphinx-build -c docs -W --keep-going -n . build/site``.

The root of the repository is the source, so that a link between two pages is the same on a code
host and in the site, for pages outside ``docs`` too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import spareplace

if TYPE_CHECKING:
    from docutils.nodes import Element, TextElement
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = "spareplace"
author = "The spareplace developers"
release = version = spareplace.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
include_patterns = [
    "docs/**",
    "README.md",
    "CHANGELOG.md",
    "benchmarks/README.md",
    "examples/README.md",
]
exclude_patterns = [".*", "build", "dist", "**/__pycache__"]

myst_heading_anchors = 3

napoleon_google_docstring = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
add_module_names = False
default_role = "py:obj"  # a name between single backticks is linked if it is a public one
toc_object_entries = False

html_theme = "furo"
html_title = f"spareplace {release}"
html_extra_path = ["site"]  # the page that leads from the root of the site to its index
html_copy_source = False
html_show_sphinx = False
templates_path = []

nitpick_ignore_regex = [
    # Other packages: their sites are not asked, so that the build needs no network.
    ("py:.*", r"(collections|concurrent|decimal|fractions|hypothesis|networkx|nx|os|pathlib)\..*"),
    ("py:class", r"Axes|JSON"),  # Matplotlib's, and what json.loads gives
    ("py:class", r".*\.(Books|Ledger)"),  # what nobody makes or reads
    ("py:obj", r".*"),  # names of parameters and the like
]

WHOLE = {"class", "exception", "function"}


def _public(name: str, env: BuildEnvironment) -> str | None:
    """Find where a name of ours is documented: types are written as where they live."""
    last = name.rpartition(".")[2]
    known = env.domains.python_domain.objects
    found = [it for it in known if it.rpartition(".")[2] == last and known[it].objtype in WHOLE]
    return found[0] if len(found) == 1 else None


def _link(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: TextElement
) -> Element | None:
    home = _public(node.get("reftarget", ""), env) if node.get("refdomain") == "py" else None
    if home is None:
        return None
    return env.domains.python_domain.resolve_xref(
        env, node["refdoc"], app.builder, "obj", home, node, content
    )


def _readable(*event: str | None) -> tuple[str | None, str | None]:
    """Write a default that is made anew each time as ``...``; ``<factory>`` is no Python."""
    *_, signature, answer = event
    return signature and signature.replace("<factory>", "..."), answer


def setup(app: Sphinx) -> None:
    """Let types be linked to where they are public, and signatures be Python."""
    app.connect("missing-reference", _link)
    app.connect("autodoc-process-signature", _readable)
