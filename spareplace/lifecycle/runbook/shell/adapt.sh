# ---- To adapt: where the servers are, how they are reached, how a VM is started ----------------

# Every server has one folder; as this stands, all of them are folders of ROOT.
ROOT=${ROOT:-./servers}
QEMU_IMG=${QEMU_IMG:-qemu-img}

# Run one of the verbs below in the folder of a server: `on SERVER VERB WORD...`.
# The words are made of letters, digits and . _ - % alone: no shell reads anything into them.
on() {
    on_server=$1
    shift
    sh -- "$script" @ "$ROOT/$on_server" "$@"
    # Over ssh, with this script and the server's folder where the login begins on every server:
    # ssh -o BatchMode=yes -- "$on_server" sh runbook.sh @ spareplace "$@"
}

# All that one server sends to another passes through this. To send slower: pv -q -L 100m
through() {
    ${THROUGH:-cat}
}

# Start a VM; runs on its new server when its images are complete. It may be called again for a VM
# that was started: do nothing then. $1: the VM, $2: its image, empty for a VM without one; for a VM
# with several disks $3 and so on: their images, in the order of its disks.
start_vm() {
    ${START_VM:-echo start} "$@"
}

# Bytes that are sent, and kept in one file of a store, at most. What is cut off is sent again from
# the last such part on.
CHUNK=${CHUNK:-1073741824}

# A saved image that names another file than expected as the one it builds on is given the new
# path if the file names agree but for the folder and the ending; with "any", always.
REBASE=${REBASE:-same-name}
