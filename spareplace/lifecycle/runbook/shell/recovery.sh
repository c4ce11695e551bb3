# ---- How it is done ----------------------------------------------------------------------------

# Ask who has bytes of diff $2, of $3 bytes, what its saved image is, before server $1 gets it.
begin() {
    begin_on=$1 begin_diff=$2 begin_size=$3 record=''
    shift 3
    if on "$begin_on" begun "$begin_diff"; then
        return
    fi
    for holder; do
        found=$(on "$holder" record "$begin_diff")
        [ "${record:=$found}" = "$found" ] ||
            die "$holder has another image of the name $begin_diff: $found, and not $record"
    done
    [ "${record%% *}" = "$begin_size" ] ||
        die "the saved image of $begin_diff has ${record%% *} bytes, the plan says $begin_size"
    # shellcheck disable=SC2086 # three words
    on "$begin_on" begin "$begin_diff" $record
}

# Run a command for each part, of at most CHUNK bytes, of the range $1 to $2.
in_parts() {
    part_start=$1 range_stop=$2
    shift 2
    while [ "$part_start" -lt "$range_stop" ]; do
        part_stop=$((part_start + CHUNK))
        [ "$part_stop" -le "$range_stop" ] || part_stop=$range_stop
        "$@" "$part_start" "$part_stop"
        part_start=$part_stop
    done
}

# keep SERVER DIFF START STOP: copy what a server holds itself.
keep() {
    in_parts "$3" "$4" on "$1" keep "$2"
}

# send FROM TO DIFF START STOP: send what it lacks.
send() {
    in_parts "$4" "$5" send_part "$1" "$2" "$3"
    say "$2: has $3 $4-$5, from $1"
}

send_part() {
    if ! on "$2" has "$3" "$4" "$5"; then
        on "$1" read "$3" "$4" "$5" | through | on "$2" receive "$3" "$4" "$5" "$1"
    fi
}

# finish SERVER DIFF PARENT
finish() {
    on "$1" finish "$2" "$3"
}

# image SERVER VM DIFF...: the last diff of each disk, - for a VM without any.
image() {
    image_on=$1
    shift
    on "$image_on" image "$@"
}

# Rebuild one VM in a shell of its own: what fails there ends that VM, and no other.
rebuild() {
    set +e
    (
        set -e
        "$1"
    )
    rebuilt=$?
    if [ "$rebuilt" -ne 0 ]; then
        bad=1
        say "$2: NOT REBUILT on $3"
    fi
}

recover() {
    check_first
    targets='' bad=0
    trap 'kill $targets 2>/dev/null; exit 130' INT TERM
    start_targets
    for target in $targets; do
        wait "$target" || bad=1
    done
    trap - INT TERM
    total=0
    count_sent
    say "sent $total bytes; the plan says $planned"
    [ "$bad" -eq 0 ] || die "not every VM was rebuilt: see above, and run this again"
    [ "$total" -eq "$planned" ] || die "that is not the same"
}

add_sent() {
    sent=$(on "$1" sent)
    total=$((total + sent))
}
