"""Every kind of bad input, as one change to a good file and the path that is to be told."""

from __future__ import annotations

from dataclasses import dataclass

GOOD_CLUSTER = """{"format":"spareplace/cluster/1",
"servers":[
{"name":"s1","disk":"2TB","capacity":{"cpu":32,"memory":"128GiB"},"zone":"r1","resident":["base"]},
{"name":"s2","disk":2000,"capacity":{"cpu":0.5},"accept_extents":true,"accept_rebuilds":false},
{"name":"s3","disk":3000,"net_in":"1GB","net_out":125000000},{"name":"s4","disk":1}],
"diffs":[{"name":"base","size":"40GB"},{"name":"web","size":500,"parent":"base"}],
"vms":[{"name":"vm1","server":"s1","diff":"web","disk":4000,"demand":{"cpu":2,"memory":"4GiB"},
"groups":["front"],"allowed_servers":["s1","s2"],"priority":5,"protect":true},
{"name":"vm2","server":"s2"}],
"failures":[{"name":"rack","servers":["s1","s3"],"weight":0.01},{"name":"one","servers":["s2"]}]}
"""

GOOD_PLAN = """{"format":"spareplace/plan/1","cluster_sha256":"00ff","status":"optimal",
"method":"milp","solver":"cp-sat 9.15","seed":0,"seconds":0.4,
"expected_transfer_bytes":11.5,"lower_bound_bytes":10.5,
"stored":[{"diff":"b0","server":"Si","start":0,"stop":20},
{"diff":"b0","server":"Sj","start":20,"stop":"40B"}],
"recoveries":[{"failure":"Sk","weight":0.25,"transfer_bytes":46,
"rebuilds":[{"vm":"G","server":"Si"}],
"transfers":[{"diff":"b0","from":"Sj","to":"Si","start":21,"stop":41}]},
{"failure":"Sl","weight":1,"transfer_bytes":0,"rebuilds":[],"transfers":[]}],
"unprotected":[{"vm":"K","failure":"Sk","reason":""}]}
"""


@dataclass(frozen=True, slots=True)
class Bad:
    """One kind of bad input: what it is, the change that makes it, and where it is told."""

    kind: str
    old: str
    new: str
    path: str
    by_schema: bool = True

    def __str__(self) -> str:
        return self.kind

    def put_into(self, text: str) -> str:
        """Make the change, which must be possible in one place only."""
        assert text.count(self.old) == 1, self
        return text.replace(self.old, self.new)


BAD_CLUSTERS = [
    # keys
    Bad("an unknown key in the file", '"vms":[', '"vm":[],"vms":[', "$.vm"),
    Bad("an unknown key in a server", '"zone"', '"rack":1,"zone"', "$.servers[0].rack"),
    Bad("an unknown key in a diff", '"size":500', '"size":500,"Parent":1', "$.diffs[1].Parent"),
    Bad("an unknown key in a VM", '"priority"', '"x y":1,"priority"', "$.vms[0]['x y']"),
    Bad("an unknown key in a failure", '"weight":', '"p":1,"weight":', "$.failures[0].p"),
    Bad("a repeated key in the file", '"diffs":', '"diffs":[],"diffs":', "$.diffs", False),
    Bad("a repeated key in a part", '"zone"', '"zone":"a","zone"', "$.servers[0].zone", False),
    Bad(
        "a repeated resource", '"cpu":0.5', '"cpu":1,"cpu":0.5', "$.servers[1].capacity.cpu", False
    ),
    Bad("no format", '"format":"spareplace/cluster/1",', "", "$.format"),
    Bad("no size", ',"size":500', "", "$.diffs[1].size"),
    Bad("no name", '"name":"rack",', "", "$.failures[0].name"),
    Bad("no server for a VM", '"name":"vm1","server":"s1"', '"name":"vm1"', "$.vms[0].server"),
    Bad("no servers for a failure", ',"servers":["s2"]', "", "$.failures[1].servers"),
    # wrong types and null
    Bad("null for a list", '"groups":["front"]', '"groups":null', "$.vms[0].groups"),
    Bad("null for an optional name", '"parent":"base"', '"parent":null', "$.diffs[1].parent"),
    Bad("null for an amount", '"cpu":32', '"cpu":null', "$.servers[0].capacity.cpu"),
    Bad("null for a VM", '{"name":"vm2","server":"s2"}', "null", "$.vms[1]"),
    Bad("a number for a name", '"name":"vm2"', '"name":2', "$.vms[1].name"),
    Bad("a number in a list of names", '["s1","s2"]', '["s1",2]', "$.vms[0].allowed_servers[1]"),
    Bad("text for a list", '["base"]', '"base"', "$.servers[0].resident"),
    Bad("text for a flag", ":true,", ':"yes",', "$.servers[1].accept_extents"),
    Bad("text without a unit", '"40GB"', '"40"', "$.diffs[0].size"),
    Bad("an unknown unit", '"4GiB"', '"4Gi"', "$.vms[0].demand.memory"),
    Bad("text for a weight", ":0.01", ':"0.01"', "$.failures[0].weight"),
    Bad("a list for an object", '{"cpu":0.5}', "[0.5]", "$.servers[1].capacity"),
    Bad("an object for a list", '"groups":["front"]', '"groups":{"front":1}', "$.vms[0].groups"),
    Bad("part of a byte", ":2000", ":2000.5", "$.servers[1].disk"),
    Bad("part of a byte in a unit", '"1GB"', '"1.5B"', "$.servers[2].net_in", False),
    Bad("part of a priority", '"priority":5', '"priority":5.5', "$.vms[0].priority"),
    # numbers
    Bad("a negative size", ":4000", ":-4000", "$.vms[0].disk"),
    Bad("a negative amount", '"cpu":2', '"cpu":-0.1', "$.vms[0].demand.cpu"),
    Bad("a negative weight", ":0.01", ":-0.01", "$.failures[0].weight"),
    Bad("NaN", '"cpu":32', '"cpu":NaN', "$.servers[0].capacity.cpu", False),
    Bad("Infinity", ":0.01", ":Infinity", "$.failures[0].weight"),
    Bad("a number beyond every float", '"cpu":0.5', '"cpu":1e999', "$.servers[1].capacity.cpu"),
    Bad("an exponent of any size", '"cpu":2', '"cpu":1e999999999', "$.vms[0].demand.cpu"),
    Bad("a tiny number", ":0.01", ":1e-999999999", "$.failures[0].weight", False),
    Bad("true for a size", '"size":500', '"size":true', "$.diffs[1].size"),
    Bad("false for an amount", '"cpu":32', '"cpu":false', "$.servers[0].capacity.cpu"),
    Bad("true for a priority", '"priority":5', '"priority":true', "$.vms[0].priority"),
    Bad("an integer above 2^53", ":3000", ":9007199254740993", "$.servers[2].disk"),
    Bad("a size above 2^53 in a unit", '"2TB"', '"9008TB"', "$.servers[0].disk", False),
    Bad("an amount above 2^53", '"cpu":32', '"cpu":9007199254740993', "$.servers[0].capacity.cpu"),
    Bad("an integer of 5,000 digits", ":125000000", ":" + "9" * 5000, "$.servers[2].net_out"),
    Bad("an amount of 31 decimals", '"cpu":2', f'"cpu":0.{1:031d}', "$.vms[0].demand.cpu", False),
    # names
    Bad("an empty name", '"name":"rack"', '"name":""', "$.failures[0].name"),
    Bad("an empty name in a list", '["front"]', '[""]', "$.vms[0].groups[0]"),
    Bad("an empty zone", '"zone":"r1"', '"zone":""', "$.servers[0].zone"),
    Bad("an empty resource", '"cpu":0.5', '"":0.5', "$.servers[1].capacity['']"),
    Bad("a lone surrogate", '"front"', '"\\udc00"', "$.vms[0].groups[0]", False),
    Bad("a name twice", '"name":"vm2"', '"name":"vm1"', "$.vms[1].name", False),
    Bad("a server twice", '"name":"s4"', '"name":"s2"', "$.servers[3].name", False),
    Bad("a name twice in a list", '["front"]', '["a","a"]', "$.vms[0].groups[1]"),
    Bad("no allowed server", '["s1","s2"]', "[]", "$.vms[0].allowed_servers"),
    Bad("no server in a failure", '["s2"]}]', "[]}]", "$.failures[1].servers"),
    # references
    Bad("an unknown server", '"server":"s2"', '"server":"S2"', "$.vms[1].server", False),
    Bad("an unknown diff", '"diff":"web"', '"diff":"wbe"', "$.vms[0].diff", False),
    Bad("an unknown parent", '"parent":"base"', '"parent":"bas"', "$.diffs[1].parent", False),
    Bad("an unknown resident", '["base"]', '["bass"]', "$.servers[0].resident[0]", False),
    Bad("an unknown allowed server", '["s1","s2"]', '["q"]', "$.vms[0].allowed_servers[0]", False),
    Bad(
        "an unknown failing server", '["s1","s3"]', '["s1","q"]', "$.failures[0].servers[1]", False
    ),
    Bad("an unknown resource", '"cpu":2', '"gpu":2', "$.vms[0].demand.gpu", False),
    Bad("a diff on itself", '"parent":"base"', '"parent":"web"', "$.diffs[1].parent", False),
    Bad("a cycle", '"40GB"', '"40GB","parent":"web"', "$.diffs[0].parent", False),
    # the file
    Bad("an unknown version", "cluster/1", "cluster/2", "$.format"),
    Bad("another format", "spareplace/cluster/1", "excel", "$.format"),
]

BAD_PLANS = [
    Bad("an unknown key in the file", '"seed":0', '"seed":0,"sed":1', "$.sed"),
    Bad(
        "an unknown key in a transfer",
        '"to":',
        '"source":"x","to":',
        "$.recoveries[0].transfers[0].source",
    ),
    Bad("a repeated key", '"seed":0', '"seed":1,"seed":0', "$.seed", False),
    Bad(
        "a repeated key in a rebuild",
        '"vm":"G"',
        '"vm":"G","vm":"G"',
        "$.recoveries[0].rebuilds[0].vm",
        False,
    ),
    Bad("no format", '"format":"spareplace/plan/1",', "", "$.format"),
    Bad("no solver", '"solver":"cp-sat 9.15",', "", "$.solver"),
    Bad("no bound", ',"lower_bound_bytes":10.5', "", "$.lower_bound_bytes"),
    Bad("no rebuilds", '"rebuilds":[],', "", "$.recoveries[1].rebuilds"),
    Bad("no transfers", ',"transfers":[]', "", "$.recoveries[1].transfers"),
    Bad("no source", '"from":"Sj",', "", "$.recoveries[0].transfers[0].from"),
    Bad("null for a method", '"milp"', "null", "$.method"),
    Bad("null for a list", '"rebuilds":[]', '"rebuilds":null', "$.recoveries[1].rebuilds"),
    Bad("an unknown status", '"optimal"', '"optimum"', "$.status"),
    Bad("a list for a status", '"optimal"', "[]", "$.status"),
    Bad("an empty solver", '"cp-sat 9.15"', '""', "$.solver"),
    Bad("an empty name", '"vm":"K"', '"vm":""', "$.unprotected[0].vm"),
    Bad("a number for a reason", '"reason":""', '"reason":0', "$.unprotected[0].reason"),
    Bad("a lone surrogate", '"reason":""', '"reason":"\\ud800"', "$.unprotected[0].reason", False),
    Bad("a negative start", '"start":0', '"start":-1', "$.stored[0].start"),
    Bad("a stop at the start", '"stop":"40B"', '"stop":20', "$.stored[1].stop", False),
    Bad(
        "a stop before the start",
        '"stop":41',
        '"stop":20',
        "$.recoveries[0].transfers[0].stop",
        False,
    ),
    Bad(
        "an integer above 2^53",
        '"stop":41',
        '"stop":9007199254740993',
        "$.recoveries[0].transfers[0].stop",
    ),
    Bad("a position above 2^53 in a unit", '"40B"', '"10EB"', "$.stored[1].stop", False),
    Bad(
        "part of a byte",
        '"transfer_bytes":46',
        '"transfer_bytes":46.5',
        "$.recoveries[0].transfer_bytes",
    ),
    Bad(
        "a sum above 2^53",
        '"transfer_bytes":46',
        '"transfer_bytes":9007199254740993',
        "$.recoveries[0].transfer_bytes",
    ),
    Bad("true for a weight", '"weight":1', '"weight":true', "$.recoveries[1].weight"),
    Bad("text for a weight", '"weight":1', '"weight":"1B"', "$.recoveries[1].weight"),
    Bad("a negative weight", "0.25", "-0.25", "$.recoveries[0].weight"),
    Bad("NaN", "11.5", "NaN", "$.expected_transfer_bytes", False),
    Bad("an infinite bound", "10.5", "1e999", "$.lower_bound_bytes", False),
    Bad("a negative bound", "10.5", "-1", "$.lower_bound_bytes"),
    Bad("negative seconds", ":0.4", ":-0.4", "$.seconds"),
    Bad("a huge exponent", ":0.4", ":1e99999999999999999999", "$.seconds", False),
    Bad("part of a seed", '"seed":0', '"seed":0.5', "$.seed"),
    Bad("a seed above 2^53", '"seed":0', '"seed":-9007199254740993', "$.seed"),
    Bad("a failure twice", '"failure":"Sl"', '"failure":"Sk"', "$.recoveries[1].failure", False),
    Bad("an unknown version", "plan/1", "plan/2", "$.format"),
]
