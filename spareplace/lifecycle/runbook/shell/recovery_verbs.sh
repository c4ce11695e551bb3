# ---- What is done on the server on which a VM is rebuilt ---------------------------------------

chain() {
    say "chains/$run/$1"
}

# The finished image of diff $1: sets file and format.
find_finished() {
    for format in qcow2 raw; do
        file=$(chain "$1.$format")
        [ ! -f "$file" ] || return 0
    done
    return 1
}

verb_ready() {
    for tool in dd sha256sum sed grep stat sync od sort flock "$QEMU_IMG"; do
        command -v -- "$tool" >/dev/null || die "$tool is not here"
    done
    mkdir -p "chains/$run"
}

# Tell whether there is room for $1 bytes, before anything is written.
verb_room() {
    [ ! -f "$(chain .room)" ] || return 0
    free=$(df -Pk . | sed -n '2s/.* \([0-9][0-9]*\)  *[0-9][0-9]*% .*/\1/p')
    [ -z "$free" ] || [ $((free * 1024)) -ge "$1" ] ||
        die "$PWD has $((free * 1024)) bytes free, and $1 are needed"
    : >"$(chain .room)"
}

same_file() {
    [ "$(stat -c %d:%i -- "$1" 2>/dev/null)" = "$(stat -c %d:%i -- "$2" 2>/dev/null)" ]
}

# Name the image of disk $2 of VM $1, which has $3 disks: sets image, and part, what it is at first.
name_image() {
    image=images/$1.qcow2
    [ "$3" -eq 1 ] || image=images/$1.disks/$2.qcow2
    part=${image%.qcow2}.$run.part
}

# Tell whether the images of VM $1, of $2 disks, may be made: nothing stands in the place of one
# that is not ours.
verb_vacant() {
    number=0
    while [ "$number" -lt "$2" ]; do
        number=$((number + 1))
        name_image "$1" "$number" "$2"
        is_vacant "$1"
    done
}

is_vacant() {
    if [ -e "$image" ] || [ -h "$image" ]; then
        grep -qx "made $number" "$(chain "$1.vm")" 2>/dev/null || same_file "$image" "$part" ||
            die "$PWD/$image exists: nothing is overwritten"
    fi
}

verb_begun() {
    [ -f "$(chain "$1.record")" ]
}

# Begin the image of diff $1: size $2, SHA-256 $3, format $4.
verb_begin() {
    verb_note "$@"
    say "$2 $3 $4" >"$(chain "$1.draft")"
    mv -f -- "$(chain "$1.draft")" "$(chain "$1.record")"
}

# Tell whether bytes $2 up to $3 of diff $1 are there.
verb_has() {
    find_finished "$1" || grep -q "^$2-$3 of " "$(chain "$1.ranges")" 2>/dev/null
}

# Take bytes $2 up to $3 of diff $1 from standard input; $4 sent them, - for nobody.
verb_receive() {
    write_bytes "$(chain "$1.part")" "$2" $(($3 - $2))
    # The first line break ends a line that was cut off.
    printf '\n%s-%s of %s\n' "$2" "$3" "$4" >>"$(chain "$1.ranges")"
    flush "$(chain "$1.ranges")"
}

# Copy bytes $2 up to $3 of diff $1 that are here.
verb_keep() {
    verb_has "$1" "$2" "$3" || verb_read "$1" "$2" "$3" | verb_receive "$1" "$2" "$3" -
}

# Check the image of diff $1, which builds on $2, - for nothing, and put it in its place.
verb_finish() {
    ranges=$(chain "$1.ranges")
    if find_finished "$1"; then
        save_here "$1"
        return
    fi
    read -r size digest own_format <"$(chain "$1.record")"
    part=$(chain "$1.part")
    [ -f "$part" ] || die "$1 is not there at all"
    if ! grep -qx checked "$ranges" 2>/dev/null; then
        if [ "$(size_of "$part") $(sum <"$part")" != "$size $digest" ]; then
            rm -f -- "$ranges"
            die "$1 is not as it was saved. Run this again to fetch it again; if it is no better" \
                "then, \`scrub\` tells which stored bytes are damaged"
        fi
        printf '\nchecked\n' >>"$ranges"
        flush "$ranges"
    fi
    settle "$1" "$2" "$part" "$own_format"
    flush "$part"
    mv -f -- "$part" "$(chain "$1.$own_format")"
    flush "chains/$run"
    save_here "$1"
}

# From now on diff $1 can be saved for others from here, too, at no cost.
save_here() {
    if ! grep -qx rebased "$ranges" 2>/dev/null && find_finished "$1" && ! find_saved "$1"; then
        find_finished "$1"
        mkdir -p saved
        ln -- "$file" "saved/$1.$format" || :
    fi
}

# Refuse an image. If it was being given another path when that was cut off, it is fetched again.
unfit() {
    if grep -qx rebased "$ranges" 2>/dev/null; then
        rm -f -- "$ranges"
    fi
    die "$@"
}

# See to it that the image $3 of diff $1 builds on the image of diff $2 beside it, and on no other.
settle() {
    if [ "$4" = raw ]; then
        [ "$2" = - ] || die "$1 is a raw image, and cannot build on $2"
        return 0
    fi
    # Bit 2 of the incompatible features: the data is in another file, of any path. Images of version
    # 2 have no features, and something else in that byte.
    version=$(od -An -tu1 -j7 -N1 "$3") features=$(od -An -tu1 -j79 -N1 "$3") ||
        unfit "$1 is no qcow2 image"
    [ $((${version:-3})) -eq 2 ] || [ $((${features:-0} & 4)) -eq 0 ] ||
        unfit "$1 keeps its data in another file"
    about=$("$QEMU_IMG" info -f qcow2 "$3") || unfit "$1 is no qcow2 image"
    named=$(say "$about" | sed -n 's/^backing file: //p' | sed 's/ (actual path: .*//')
    kind=$(say "$about" | sed -n 's/^backing file format: //p')
    if [ "$2" = - ]; then
        [ -z "$named" ] || unfit "$1 builds on a file, and should on nothing"
        "$QEMU_IMG" check -q -f qcow2 "$3" || unfit "$1 is a broken qcow2 image"
        return 0
    fi
    find_finished "$2" || die "$2 is not there, on which $1 builds"
    [ -n "$named" ] || unfit "$1 builds on nothing, and should on $2"
    if [ "$named $kind" != "${file##*/} $format" ]; then
        stem=${named##*/}
        [ "$REBASE" = any ] || [ "${stem%.*}" = "$2" ] || [ "$stem" = "$2" ] ||
            die "$1 builds on a file of another name than $2; REBASE=any takes it as that"
        printf '\nrebased\n' >>"$ranges"
        flush "$ranges"
        "$QEMU_IMG" rebase -u -f qcow2 -F "$format" -b "${file##*/}" "$3"
    fi
    "$QEMU_IMG" check -q -f qcow2 "$3" || unfit "$1 is a broken qcow2 image"
}

# Make the images of VM $1, one on top of each of the other diffs, - for none, and start it.
verb_image() {
    vm=$1
    shift
    [ "$1" != - ] || shift
    disks=$# number=0 whole=yes
    for top; do
        number=$((number + 1))
        name_image "$vm" "$number" "$disks"
        [ -e "$image" ] || whole=no
    done
    if [ "$whole" = yes ] && grep -qx started "$(chain "$vm.vm")" 2>/dev/null; then
        return
    fi
    number=0
    for top; do
        number=$((number + 1))
        name_image "$vm" "$number" "$disks"
        make_image "$vm" "$top"
    done
    set -- "$vm"
    while [ "$#" -le "$disks" ]; do
        name_image "$vm" "$#" "$disks"
        set -- "$@" "$PWD/$image"
    done
    [ "$disks" -gt 0 ] || set -- "$vm" ''
    start_vm "$@" 8>&- 9<&-
    say started >>"$(chain "$vm.vm")"
}

# Make the image of the disk of VM $1 that is to be on top of diff $2.
make_image() {
    is_vacant "$1"
    if [ ! -e "$image" ]; then
        find_finished "$2" || die "$2 is not complete, on which $1 runs"
        mkdir -p "${image%/*}"
        rm -f -- "$part"
        up=../
        [ "$disks" -eq 1 ] || up=../../
        (cd "${image%/*}" && "$QEMU_IMG" create -q -f qcow2 -F "$format" -b "$up$file" "${part##*/}")
        "$QEMU_IMG" compare -q -f qcow2 -F "$format" "$part" "$file" ||
            die "the image of $1 does not read as $2 on which it builds"
        flush "$part"
        ln -- "$part" "$image" # fails if there is one
        flush "${image%/*}"
    fi
    grep -qx "made $number" "$(chain "$1.vm")" 2>/dev/null ||
        say "made $number" >>"$(chain "$1.vm")"
    rm -f -- "$part"
}

# How many bytes other servers sent.
verb_sent() {
    total=0
    for ranges in "chains/$run"/*.ranges; do
        [ ! -f "$ranges" ] || total=$((total + $(sort -n -- "$ranges" | sent_bytes)))
    done
    say "$total"
}

# Count each byte once that is noted as sent: with another CHUNK, parts overlap.
sent_bytes() {
    reached=0 count=0
    while read -r range of sender; do
        case $of:$sender in
        of:- | :*) ;;
        of:*)
            from=${range%-*} to=${range#*-}
            [ "$from" -ge "$reached" ] || from=$reached
            if [ "$to" -gt "$from" ]; then
                count=$((count + to - from)) reached=$to
            fi
            ;;
        esac
    done
    say "$count"
}
