"""What stored bytes buy, as a curve with its figures."""

from __future__ import annotations

from spareplace.explaining.trading import Frontier, Point
from spareplace.placement import Plan
from spareplace.reporting.figures import bytes_of, bytes_shown, counted
from spareplace.reporting.markup import Child, Markup, tag
from spareplace.reporting.pieces import figure_column, note, section, table, text_column

WIDTH, HEIGHT = 640, 240
"""Of the drawing, in its own units."""

LEFT, RIGHT, TOP, BOTTOM = 70, 20, 14, 30
"""Room for the labels around the curve."""


def frontier_section(found: Frontier, plan: Plan) -> Markup:
    """Show a frontier, and where the plan of the report is in it."""
    if not found.points:
        return section("frontier", "What stored bytes buy", note("The frontier has no points."))
    return section(
        "frontier",
        "What stored bytes buy",
        note("Each point is a plan of its own, made under a limit on the bytes that are stored."),
        _curve(found.points, plan),
        _table(found.points),
    )


def _curve(points: tuple[Point, ...], plan: Plan) -> Markup:
    stored_by_all = [plan.stored_bytes, *(it.stored_bytes for it in points)]
    least_stored, most_stored = min(stored_by_all), max(stored_by_all)
    span = max(most_stored - least_stored, 1)
    most_sent = max(
        1.0, plan.expected_transfer_bytes, *(it.expected_transfer_bytes for it in points)
    )

    def place(stored: int, sent: float) -> tuple[float, float]:
        across = LEFT + (WIDTH - LEFT - RIGHT) * (stored - least_stored) / span
        return round(across, 1), round(
            HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * sent / most_sent, 1
        )

    places = [place(it.stored_bytes, it.expected_transfer_bytes) for it in points]
    here = place(plan.stored_bytes, plan.expected_transfer_bytes)
    label = f"Expected transfer over stored bytes, {counted(len(points), 'plan')}"
    marks = [
        tag("circle", tag("title", _told(it)), cx=x, cy=y, r=4, class_="point")
        for it, (x, y) in zip(points, places, strict=True)
    ]
    this = tag("circle", tag("title", "this plan"), cx=here[0], cy=here[1], r=7, class_="here")
    drawing = tag(
        "svg",
        tag("title", label),
        tag("path", d=f"M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}", class_="axis"),
        tag("polyline", points=" ".join(f"{x},{y}" for x, y in places), class_="curve"),
        marks,
        this,
        tag("text", bytes_shown(most_sent), x=LEFT - 6, y=TOP + 8, text_anchor="end"),
        tag("text", "0 B", x=LEFT - 6, y=HEIGHT - BOTTOM, text_anchor="end"),
        tag("text", f"{bytes_shown(least_stored)} stored", x=LEFT, y=HEIGHT - 8),
        tag("text", bytes_shown(most_stored), x=WIDTH - RIGHT, y=HEIGHT - 8, text_anchor="end"),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=label,
    )
    caption = "Down: expected transfer. Across: stored bytes. The ring is the plan of this report."
    return tag("figure", drawing, tag("figcaption", caption), class_="chart")


def _told(point: Point) -> str:
    return (
        f"{bytes_shown(point.stored_bytes)} stored, "
        f"{bytes_shown(point.expected_transfer_bytes)} expected"
    )


def _table(points: tuple[Point, ...]) -> Markup:
    rows: list[tuple[Child, ...]] = [
        (
            bytes_of(it.stored_bytes),
            bytes_of(it.expected_transfer_bytes),
            "none" if it.lower_bound_bytes is None else bytes_of(it.lower_bound_bytes),
            it.status,
        )
        for it in points
    ]
    return table(
        "Plans of the frontier",
        (
            figure_column("Stored"),
            figure_column("Expected transfer"),
            figure_column("Lower bound"),
            text_column("Status"),
        ),
        rows,
    )
