from __future__ import annotations

from collections.abc import Sequence

import pytest

from spareplace.errors import InvalidInput
from spareplace.importers.hosts import Host
from spareplace.importers.imported import Imported
from spareplace.importers.libvirt.importing import import_libvirt
from spareplace.importers.sources import Source
from spareplace.planning import plan
from spareplace.verify import check
from tests.importers.given import LIBVIRT, chain, image, recorded, text

ROOM = Host(name="any", disk=10**8, capacity={"cpu": 8, "memory": 2**34})

MEMORY = 24_684_092 * 1024
"""What nodeinfo tells on each recorded host."""


def xml(
    name: str = "web",
    *,
    host: str = "a",
    running: bool = True,
    said: str = "",
    disks: str = "<disk><source file='/i/x.qcow2'/><target dev='vda'/></disk>",
    sizes: str = "<memory unit='MiB'>64</memory><vcpu current='2'>4</vcpu>",
) -> Source:
    number = " id='1'" * running
    metadata = f"<metadata><s:domain xmlns:s='urn:spareplace:domain:1'>{said}</s:domain></metadata>"
    content = (
        f"<domain{number}><name>{name}</name>{metadata}{sizes}<devices>{disks}</devices></domain>"
    )
    return text(content, f"{host}/{name}.xml", host)


def stats(name: str = "web", *, host: str = "a", state: int = 1, physical: str = "100") -> Source:
    lines = [
        f"Domain: '{name}'",
        f"state.state={state}",
        "block.count=2",
        "block.0.name=vda",
        "block.0.path=/i/x.qcow2",
        "block.0.backingIndex=1",
        "block.0.capacity=1000",
        f"block.0.physical={physical}",
        "block.1.name=vda",
        "block.1.path=/i/base.qcow2",
        "block.1.backingIndex=2",
        "block.1.capacity=1000",
        "block.1.physical=50",
    ]
    return text("\n  ".join(lines) + "\n\n", f"{host}/domstats.txt", host)


def imported(*sources: Source) -> Imported:
    return import_libvirt(sources, every_host=ROOM)


def refused(*sources: Source) -> str:
    with pytest.raises(InvalidInput) as error:
        imported(*sources)
    return str(error.value)


def assumed(made: Imported) -> str:
    return "\n".join(str(note) for note in made.notes)


def test_three_recorded_hosts_become_the_cluster_that_they_are() -> None:
    made = import_libvirt(recorded(LIBVIRT))
    cluster = made.cluster
    assert {diff.name: (diff.size, diff.parent) for diff in cluster.diffs} == {
        "debian-12": (8_654_848, None),
        "web-mid": (2_363_392, "debian-12"),
        "web1": (1_314_816, "web-mid"),
        "web2": (1_314_816, "web-mid"),
        "db1": (4_460_544, "debian-12"),
        "mail": (1_314_816, "debian-12"),
        "own": (1_048_576, "mail"),  # the second disk of mail
    }
    assert {server.name: server.capacity for server in cluster.servers} == {
        host: {"cpu": 2, "memory": MEMORY} for host in ("alpha", "beta", "gamma")
    }
    assert {vm.name: (vm.server, vm.groups, vm.priority) for vm in cluster.vms} == {
        "web1": ("alpha", ("web",), 5),
        "web2": ("alpha", ("web",), 0),
        "db1": ("beta", (), 0),
        "mail": ("gamma", (), 0),
    }
    assert all(vm.demand == {"cpu": 2, "memory": 2**26} for vm in cluster.vms)


def test_the_disk_of_a_recorded_host_is_what_its_pool_has_free_and_its_images_take() -> None:
    made = import_libvirt(recorded(LIBVIRT))
    alpha = made.cluster.servers[0]
    assert alpha.disk == 245_427_232_768 + 8_654_848 + 2_363_392 + 2 * 1_314_816
    assert f"{270_553_174_016 - alpha.disk} of the 270553174016 bytes" in assumed(made)


def test_what_is_imported_can_be_planned_and_keeps_every_rule() -> None:
    hosts = [Host(name=name, capacity={"cpu": 8}) for name in ("alpha", "beta", "gamma")]
    cluster = import_libvirt(recorded(LIBVIRT), hosts=hosts).cluster
    assert not check(cluster, plan(cluster, method="greedy"))


def test_memory_and_cpus_are_read_with_their_units() -> None:
    (vm,) = imported(xml(), stats()).cluster.vms
    assert vm.demand == {"cpu": 2, "memory": 2**26}
    (vm,) = imported(xml(sizes="<memory>3</memory>"), stats()).cluster.vms
    assert vm.demand == {"cpu": 1, "memory": 3072}


def test_demands_that_no_host_is_known_to_meet_are_left_out_and_that_is_said() -> None:
    made = import_libvirt(
        [xml(), stats()], every_host=Host(name="any", disk=5, capacity={"cpu": 1})
    )
    assert made.cluster.vms[0].demand == {"cpu": 2}
    assert "vm 'web': its demand of memory is left out: no server's memory" in assumed(made)


def test_the_metadata_says_groups_priority_protection_and_allowed_servers() -> None:
    said = (
        "<s:group>front end</s:group><s:group>x</s:group><s:priority>-3</s:priority>"
        "<s:protect>no</s:protect><s:allow>a</s:allow>"
    )
    (vm,) = imported(xml(said=said), stats()).cluster.vms
    assert (vm.groups, vm.priority, vm.protect) == (("front end", "x"), -3, False)
    assert vm.allowed_servers == ("a",)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("<s:grup>x</s:grup>", "metadata: found <grup>, expected one of group, priority"),
        ("<s:group/>", "found <group> empty or again"),
        ("<s:priority>1</s:priority><s:priority>2</s:priority>", "found <priority> empty or again"),
        ("<s:priority>high</s:priority>", "<priority>: found 'high', expected an integer"),
        ("<s:priority>99999999999999999</s:priority>", "<priority>: found '9999"),
        ("<s:protect>maybe</s:protect>", "<protect>: found 'maybe', expected yes or no"),
        ("<s:allow>z</s:allow>", "found 'z', expected the name of a server"),
    ],
)
def test_what_is_wrong_with_the_metadata_is_told(said: str, message: str) -> None:
    assert message in refused(xml(said=said), stats())


def test_a_word_of_somebody_else_in_the_metadata_is_none_of_ours() -> None:
    content = xml().content.replace(b"urn:spareplace:domain:1", b"urn:other")
    assert imported(Source(path="a/x.xml", content=content, host="a"), stats()).cluster.vms


def test_cd_roms_and_floppies_are_no_disks() -> None:
    disks = (
        "<disk device='cdrom'><source file='/i/cd.iso'/><target dev='sda'/></disk>"
        "<disk device='floppy'><target dev='fda'/></disk>"
    )
    made = imported(xml(disks=disks), stats())
    assert made.cluster.vms[0].diff is None
    assert "vm 'web': it has no image file here" in assumed(made)


def test_a_disk_elsewhere_is_noted() -> None:
    disks = "<disk type='network'><source protocol='rbd' name='p/x'/><target dev='vda'/></disk>"
    told = assumed(imported(xml(disks=disks)))
    assert "vm 'web': its disk vda is on no host: nothing is planned for it" in told


def test_the_path_of_a_volume_is_what_domstats_says() -> None:
    disks = "<disk type='volume'><source pool='p' volume='x'/><target dev='vda'/></disk>"
    (vm,) = imported(xml(disks=disks), stats()).cluster.vms
    assert (vm.diff, vm.protect) == ("x", True)
    (vm,) = imported(xml(disks=disks)).cluster.vms
    assert (vm.diff, vm.protect) == (None, False)


def test_a_vm_of_which_no_size_is_known_is_not_protected() -> None:
    made = imported(xml())
    (vm,) = made.cluster.vms
    assert not vm.protect
    assert "nothing tells the size of its disk vda: it is not protected" in assumed(made)


def test_a_domain_that_does_not_run_has_its_chain_from_qemu_img() -> None:
    images = chain(image("/i/x.qcow2", "/i/base.qcow2"), image("/i/base.qcow2", actual=50))
    made = imported(xml(running=False), images)
    (vm,) = made.cluster.vms
    assert (vm.diff, vm.disk, vm.protect) == ("x", 150, True)
    assert "vm 'web': it does not run: its image is protected" in assumed(made)


def test_what_domstats_says_of_images_of_a_domain_that_does_not_run_is_passed_over() -> None:
    # Recorded: physical is the length of the file, of which 1 MiB is written, and a qcow2 file
    # is told without what it builds on.
    told = text(
        "Domain: 'web'\n  state.state=5\n  state.reason=0\n  block.count=2\n  block.0.name=vda\n"
        "  block.0.path=/i/x.qcow2\n  block.0.allocation=1048576\n  block.0.capacity=16777216\n"
        "  block.0.physical=16777216\n  block.1.name=sda\n\n",
        "a/domstats.txt",
    )
    made = imported(xml(running=False), told)
    assert (made.cluster.vms[0].protect, made.cluster.diffs) == (False, ())
    images = chain(image("/i/x.qcow2", "/i/base.qcow2"), image("/i/base.qcow2", actual=50))
    (vm,) = imported(xml(running=False), told, images).cluster.vms
    assert (vm.disk, vm.protect) == (150, True)


def test_a_domain_that_another_host_still_defines_is_where_it_runs() -> None:
    made = imported(
        xml(running=False), stats(state=5), xml(host="b", running=True), stats(host="b")
    )
    (vm,) = made.cluster.vms
    assert vm.server == "b"
    assert "vm 'web': defined on 2 hosts, it runs on 'b'" in assumed(made)


@pytest.mark.parametrize("running", [True, False])
def test_two_domains_of_one_name_are_refused(running: bool) -> None:
    told = refused(
        xml(running=running), xml(host="b", running=running), stats(), stats(host="b", state=1)
    )
    assert "domain 'web' of host 'b', expected another name than that of host 'a'" in told


def test_a_domain_without_a_definition_is_noted() -> None:
    told = assumed(imported(xml(), stats(), stats("other", host="b")))
    assert "domain 'other' of host 'b': domstats tells of it, and no dumpxml does" in told


def test_a_host_without_domains_is_a_server() -> None:
    # All that virsh domstats prints there is an empty line.
    made = imported(xml(), stats(), text("\n", "b/domstats.txt", "b"))
    assert [server.name for server in made.cluster.servers] == ["a", "b"]


def test_pools_on_one_file_system_are_counted_once() -> None:
    pool = "Name: {}\nState: running\nCapacity: 100.00 GiB\nAllocation: 0 B\nAvailable: 60.00 GiB\n"
    pools = [text(pool.format(name), f"a/pool-info-{name}.txt") for name in ("x", "y")]
    made = imported(xml(), stats(), *pools)
    assert made.cluster.servers[0].disk == 60 * 2**30 + 150
    assert "taken to be on one file system" in assumed(made)
    assert "its sizes are rounded; ask for pool-info --bytes" in assumed(made)


def test_a_pool_that_is_not_active_is_noted() -> None:
    made = imported(xml(), stats(), text("Name: x\nState: inactive\n", "a/pool-info.txt"))
    assert made.cluster.servers[0].disk == 10**8
    assert "pool 'x' of host 'a': it is not active" in assumed(made)


def test_other_files_are_noted() -> None:
    assert "file 'a/notes.txt': its name is none" in assumed(
        imported(xml(), stats(), text("?", "a/notes.txt"))
    )


LAUGHS = "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><domain><name>&b;</name></domain>"


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ([text(LAUGHS, "a/x.xml")], "a/x.xml: line 1: found a document type declaration"),
        ([text("<network/>", "a/x.xml")], "line 1: found <network>, expected <domain>"),
        ([text("<domain/>", "a/x.xml")], "line 1, <name>: found nothing"),
        ([xml(sizes="")], "<memory>: found no such element"),
        ([xml(sizes="<memory unit='x'>1</memory>")], "<memory> unit: found 'x', expected one of b"),
        ([xml(sizes="<memory unit='EiB'>1</memory>")], "expected at most 2^53"),
        ([xml(sizes="<memory>-1</memory>")], "<memory>: found '-1', expected a whole number"),
        ([xml(sizes="<memory>1</memory><vcpu>x</vcpu>")], "<vcpu>: found 'x'"),
        ([xml(disks="<disk><source file='/i/x'/></disk>")], "found no target with a dev"),
        ([xml(), xml()], "domain 'web' of host 'a' again"),
        ([stats(), stats()], "domain 'web' of host 'a' again"),
        ([stats(physical="-1")], "line 8, block.0.physical: found '-1', expected whole bytes"),
        ([stats(physical="1\n  block.0.path=/etc/passwd")], "line 9: found block.0.path again"),
        (
            [
                Source(
                    path="a/domstats", host="a", content=stats().content.replace(b"backingI", b"i")
                )
            ],
            "found no block.0.backingIndex, expected what virsh domstats --state --block --backing",
        ),
        ([text("error: failed", "a/domstats.txt")], "found 'error: failed', expected what virsh"),
        ([text("", "a/domstats.txt")], "nothing: it is empty, expected what virsh domstats prints"),
        ([text("", "a/pool-info-x.txt")], "nothing: it is empty, expected what virsh prints"),
        ([text("Domain: ''\n", "a/domstats.txt")], "line 1: found a domain without a name"),
        ([text("CPU(s): 2\n", "a/nodeinfo.txt")], "found no line 'Memory size:'"),
        ([text("CPU(s): two\nMemory size: 1 KiB", "a/nodeinfo.txt")], "line 1: found 'two'"),
        ([text("CPU(s): 2\nMemory size: 1 KiB", "a/nodeinfo.txt")], "found no domain here"),
        ([text("x", "a/nodeinfo.txt")], "line 1: found 'x', expected KEY: VALUE"),
        ([text("State: running", "a/pool-info.txt")], "no line 'Name:'"),
        (
            [
                xml(
                    disks="<disk><source file='/i/x.qcow2'/><target dev='vda'/><backingStore>"
                    "<source file='/i/other'/></backingStore></disk>"
                ),
                stats(),
            ],
            "found '/i/other' below '/i/x.qcow2' in the definition of 'web', "
            "expected '/i/base.qcow2', as a/domstats.txt says",
        ),
    ],
)
def test_what_is_wrong_with_a_source_is_told_with_its_place(
    sources: Sequence[Source], message: str
) -> None:
    assert message in refused(*sources)


@pytest.mark.parametrize("name", ["with space", "it&apos;s", "&quot;q&quot;", "dér-東京", "$(rm)"])
def test_a_name_of_any_letters_stays_as_it_is(name: str) -> None:
    plain = name.replace("&apos;", "'").replace("&quot;", '"')
    (vm,) = imported(xml(name), stats(plain)).cluster.vms
    assert (vm.name, vm.protect) == (plain, True)
