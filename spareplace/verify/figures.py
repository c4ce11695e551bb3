"""Whether the numbers in a plan are true, and its transfers those that it needs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from spareplace.placement import Transfer
from spareplace.verify.ground import Ground, Outage, survives, whole
from spareplace.verify.spans import Spans, length, union, without
from spareplace.verify.violation import Violation, exact_decimal

STEP = Fraction(5e-324)
"""The distance between the smallest floats, which have too few digits for a share of them."""

ROUNDING = Fraction(1, 10**9)
"""How far a float may be from the exact figure, as a share of it."""


def transfers(ground: Ground) -> Iterator[Violation]:
    """Each server is sent exactly what it lacks, once, by surviving servers that hold it."""
    for outage in ground.outages:
        sent: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        for transfer in outage.recovery.transfers:
            named = {transfer.source, transfer.target} <= ground.servers.keys()
            if not named or transfer.diff not in ground.diffs:
                continue  # it breaks `reference`
            size = ground.diffs[transfer.diff].size
            if 0 <= transfer.start < transfer.stop <= size:
                sent[transfer.target, transfer.diff].append((transfer.start, transfer.stop))
                yield from _from_holder(ground, outage, transfer)
            else:
                yield _bad_transfer(
                    outage,
                    transfer.target,
                    transfer.diff,
                    _outside(transfer, size),
                    f"a transfer from {transfer.start} to {transfer.stop}",
                    f"at least one byte, from 0 on, to {size} at most",
                )
        for target, diff in {**outage.needed, **sent}:
            yield from _delivered(ground, outage, target, diff, sent.get((target, diff), []))


def figures(ground: Ground) -> Iterator[Violation]:
    """Weights, transferred bytes, the expected value, the bound and the status are true."""
    expected = Fraction(0)
    for outage in ground.outages:
        weight = Fraction(repr(float(outage.failure.weight or 0)))
        yield from _equal(
            "weight", outage.recovery.weight, weight, Fraction(0), outage.failure.name
        )
        bytes_sent = sum(
            length(_lacking(ground, outage, target, diff)) for target, diff in outage.needed
        )
        if outage.recovery.transfer_bytes != bytes_sent:
            yield Violation(
                rule="figures",
                failure=outage.failure.name,
                item="transfer_bytes",
                amount=abs(outage.recovery.transfer_bytes - bytes_sent),
                found=str(outage.recovery.transfer_bytes),
                expected=str(bytes_sent),
            )
        expected += weight * bytes_sent
    claimed = ground.plan.expected_transfer_bytes
    yield from _equal("expected_transfer_bytes", claimed, expected, ROUNDING, None)
    yield from _bound(ground, expected)


def _lacking(ground: Ground, outage: Outage, target: str, diff: str) -> Spans:
    """Give the bytes of a diff that a server needs in an outage and does not hold."""
    if (target, diff) not in outage.needed:
        return ()
    return without(whole(ground, diff), ground.held.get(diff, {}).get(target, ()))


def _delivered(
    ground: Ground, outage: Outage, target: str, diff: str, ranges: list[tuple[int, int]]
) -> Iterator[Violation]:
    lacking = _lacking(ground, outage, target, diff)
    if not lacking and not ranges:
        return
    open_still = without(lacking, union(ranges))
    useful = length(lacking) - length(open_still)
    too_many = sum(stop - start for start, stop in ranges) - useful
    # What no server holds cannot be sent: it breaks `survival`.
    lost = without(whole(ground, diff), survives(ground, diff, outage.gone))
    unsent = length(without(open_still, lost))
    if unsent:
        expected = f"{length(without(lacking, lost))} bytes of it sent"
        yield _bad_transfer(outage, target, diff, unsent, f"{useful} bytes of it sent", expected)
    if too_many:
        found = f"{too_many} bytes of it sent that are there, are not needed or come twice"
        yield _bad_transfer(outage, target, diff, too_many, found, "none of these")


def _from_holder(ground: Ground, outage: Outage, transfer: Transfer) -> Iterator[Violation]:
    held: Spans = ()
    if transfer.source in outage.gone:
        wrong = "this server, which fails"
    elif transfer.source == transfer.target:
        wrong = "this server to itself"
    else:
        wrong = "this server, which does not hold them"
        held = ground.held.get(transfer.diff, {}).get(transfer.source, ())
    absent = length(without(((transfer.start, transfer.stop),), held))
    if absent:
        found = f"{absent} bytes of it sent by {wrong}"
        expected = "transfers from other surviving servers, which hold what they send"
        yield _bad_transfer(outage, transfer.source, transfer.diff, absent, found, expected)


def _outside(transfer: Transfer, size: int) -> int:
    if transfer.start >= transfer.stop:
        return transfer.start - transfer.stop + 1
    return max(-transfer.start, 0) + max(transfer.stop - size, 0)


def _bad_transfer(
    outage: Outage, server: str, diff: str, amount: int, found: str, expected: str
) -> Violation:
    return Violation(
        rule="transfers",
        failure=outage.failure.name,
        server=server,
        item=diff,
        amount=amount,
        found=found,
        expected=expected,
    )


def _equal(
    item: str, claimed: float, true: Fraction, rounding: Fraction, failure: str | None
) -> Iterator[Violation]:
    finite = math.isfinite(claimed)
    off = abs(Fraction(repr(float(claimed))) - true) if finite else Fraction(1)
    if not finite or off > true * rounding + STEP:
        yield Violation(
            rule="figures",
            failure=failure,
            item=item,
            amount=exact_decimal(off),
            found=repr(float(claimed)),
            expected=f"{exact_decimal(true):f}",
        )


def _bound(ground: Ground, expected: Fraction) -> Iterator[Violation]:
    """Check the bound by the true expected value, and that the status says no more than it."""
    bound = ground.plan.lower_bound_bytes
    optimal = ground.plan.status == "optimal"
    shown = f"{exact_decimal(expected):f}"
    if bound is None:
        if optimal:
            yield _false_figure("status", Fraction(1), "'optimal' without a bound", "'feasible'")
    elif not math.isfinite(bound):
        yield _false_figure("lower_bound_bytes", Fraction(1), repr(bound), "a finite number")
    elif bound < 0:
        below = -Fraction(repr(float(bound)))
        yield _false_figure("lower_bound_bytes", below, repr(bound), "0 or more")
    else:
        above = Fraction(repr(float(bound))) - expected
        if above > expected * ROUNDING + STEP:
            yield _false_figure("lower_bound_bytes", above, repr(bound), f"at most {shown}")
        elif optimal and -above > expected * ROUNDING + STEP:
            found = f"'optimal' with a bound of {bound!r}"
            yield _false_figure("status", -above, found, f"'feasible', or a bound of {shown}")


def _false_figure(item: str, amount: Fraction, found: str, expected: str) -> Violation:
    return Violation(
        rule="figures",
        item=item,
        amount=exact_decimal(amount),
        found=found,
        expected=expected,
    )
