"""What `benchmarks.referee` found, counted, and the page that tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found of one cluster.

    Parameters
    ----------
    hosts, rejected
        How many there are, and the loss of how many the referee holds for too much; ``None`` if
        there was no plan to show it.
    lost
        The loss of how many hosts has no plan, which is proven.
    undecided
        Whether a plan ended without an answer.
    """

    hosts: int
    rejected: int | None
    lost: int
    undecided: bool = False


def row(name: str, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Count the verdicts of a family."""
    decided = [it for it in verdicts if not it.undecided]
    judged = [(it, it.rejected) for it in decided if it.rejected is not None]
    planned = [rejected for it, rejected in judged if not it.lost]
    safe = sum(not rejected for _, rejected in judged)
    too_bold = sum(it.lost > rejected for it, rejected in judged)
    losses = sum(it.hosts - it.lost for it, _ in judged)
    refused = sum(max(0, rejected - it.lost) for it, rejected in judged)
    return (
        name,
        str(len(verdicts)),
        str(safe),
        str(len(planned)),
        str(too_bold),
        _share(sum(map(bool, planned)), len(planned)),
        _share(refused, losses),
        str(len(verdicts) - len(decided)),
    )


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none"


HEAD = (
    "family", "clusters", "hcheck: safe", "planned", "safe for hcheck, no plan",
    "planned, rejected by hcheck", "host losses planned, rejected", "undecided",
)  # fmt: skip

PAGE = """# What an outside referee says

`hcheck` of [Ganeti](https://ganeti.org)'s htools answers one of our questions, by code of its
own: does everything fit when any one node is lost? This page compares its answers with ours. It
is written by

```console
apt-get install ganeti-htools
{command}
```

{made}

## The same question to both

Clusters are drawn, exported ([importing_ganeti](importing_ganeti.md)) and judged by `hcheck
--no-simulation`, whose `GN1_FAIL` counts the nodes whose loss it holds for too much. It looks at
memory and disk; it ignores CPUs there, exclusion tags and copies of images. So the clusters have
no shared diffs: in most families VMs have no diffs at all, are *free* to be made anew on any
host, and take their memory and disk there. For these a plan exists for a cluster exactly if one
exists for each host lost alone, and both are counted. `hcheck` wants more than 0 MiB left of
memory and disk where we want at least 0; every node gets 1 MiB more of both in the file that it
sees, so that both ask the same.

- *One mirror each*: a VM may go to one host alone, where its disk is already: DRBD in Ganeti's
  words.
- *Copies planned*: every VM has an image of its own, of which the plan must keep copies. hcheck
  knows no copies, so it sees what our plan leaves of the disks and says whether the VMs fit; only
  planned clusters are judged.

{table}
*Safe for hcheck, no plan* has to be 0: where it finds a way, there is one, and we must find it.
It counts clusters in which hcheck rejects the loss of fewer hosts than we do. *Planned, rejected*
is what its greedy search costs: clusters, and losses of single hosts, that have a checked plan
and that it rejects. It takes instances by decreasing memory, whatever their disks, each to the
node that then looks best; so it rejects most where disks are what is short. *Undecided*:
{limit:g} s were not enough for a plan or a proof that there is none.
"""
