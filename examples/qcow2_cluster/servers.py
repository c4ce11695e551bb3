"""Servers that are folders: what they save, what qemu-img says of them, and scripts run on them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from spareplace import Cluster, Moves, RecoverySchedule
from spareplace.filenames import file_name
from spareplace.importers import Host, NamedImage, Source, import_qemu
from spareplace.lifecycle.runbook import VMDisks, runbook_script
from spareplace.saving import DifferenceForest


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Folders, one for each server.

    Parameters
    ----------
    folder
        Where they are.
    """

    folder: Path

    def of(self, server: str) -> Path:
        """Give the folder of a server."""
        return self.folder / file_name(server)

    def save(self, server: str, forest: DifferenceForest, vm: str) -> None:
        """Let a server have the saved chain of a VM that runs there, as its running image would."""
        diffs = {it.name: it for it in forest.diffs}
        saved = self.of(server) / "saved"
        saved.mkdir(parents=True, exist_ok=True)
        name: str | None = vm
        while name is not None:
            file = Path(diffs[name].file or "")
            if not (saved / file.name).exists():
                os.link(file, saved / file.name)
            name = diffs[name].parent

    def imported(
        self, forest: DifferenceForest, vms: Iterable[tuple[str, str]], disks: Sequence[Host]
    ) -> Cluster:
        """Make a cluster of what qemu-img and sha256sum say.

        Parameters
        ----------
        forest
            Which diffs the files are: their names may say it in other letters.
        vms
            Pairs of VM and server.
        disks
            The servers, with their disks.
        """
        homes = list(vms)
        sources = [self._told(server, vm) for vm, server in homes]
        sources += [self._sums(host.name) for host in disks]
        runs = {(server, vm): vm for vm, server in homes}
        images: dict[tuple[str | None, str], NamedImage] = {
            (host.name, f"saved/{file_name(diff.name)}.qcow2"): NamedImage(
                file=f"saved/{file_name(diff.name)}.qcow2",
                diff=diff.name,
                vm=runs.get((host.name, diff.name)),
            )
            for host in disks
            for diff in forest.diffs
        }
        return import_qemu(sources, hosts=disks, images=images).cluster

    def _told(self, server: str, vm: str) -> Source:
        image = f"saved/{file_name(vm)}.qcow2"
        command = ["qemu-img", "info", "-U", "--backing-chain", "--output=json", image]
        done = subprocess.run(command, cwd=self.of(server), capture_output=True, check=True)
        return Source(path=f"{server}/{vm}.json", content=done.stdout, host=server)

    def _sums(self, server: str) -> Source:
        files = sorted(f"saved/{path.name}" for path in (self.of(server) / "saved").iterdir())
        command = ["sha256sum", "--", *files]
        done = subprocess.run(command, cwd=self.of(server), capture_output=True, check=True)
        return Source(path=f"{server}/sha256sums", content=done.stdout, host=server)

    def copy(self, folder: Path) -> Servers:
        """Copy all of them elsewhere."""
        shutil.copytree(self.folder, folder)
        return Servers(folder=folder)

    def lose(self, servers: Iterable[str]) -> None:
        """Let servers fail: all that they have is gone."""
        for server in servers:
            shutil.rmtree(self.of(server))

    def run(
        self,
        cluster: Cluster,
        work: Moves | RecoverySchedule,
        name: str,
        disks: Sequence[VMDisks] = (),
    ) -> int:
        """Write a script, run it with ``sh``, and give the bytes that servers sent to each other.

        They are counted on the way, by a copy of all that passes.
        """
        script = self.folder.parent / f"{self.folder.name}-{name}.sh"
        script.write_text(runbook_script(cluster, work, disks), encoding="utf-8")
        passed = script.with_suffix(".passed")
        passed.write_bytes(b"")
        way = {"ROOT": str(self.folder), "THROUGH": f"tee -a {passed.name}"}
        subprocess.run(
            ["sh", script.name],
            cwd=script.parent,
            env={**os.environ, **way},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return passed.stat().st_size

    def image(self, server: str, vm: str) -> Path:
        """Give the image of a VM that was rebuilt on a server."""
        return self.of(server) / "images" / f"{file_name(vm)}.qcow2"
