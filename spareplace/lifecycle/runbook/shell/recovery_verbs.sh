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
    for tool in dd sha256sum sed grep stat sync od "$QEMU_IMG"; do
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

# Tell whether the image of VM $1 may be made: nothing stands in its place that is not ours.
verb_vacant() {
    image=images/$1.qcow2
    if [ -e "$image" ] || [ -h "$image" ]; then
        grep -qx made "$(chain "$1.vm")" 2>/dev/null || same_file "$image" "images/$1.part" ||
            die "$PWD/$image exists: nothing is overwritten"
    fi
}

verb_begun() {
    [ -f "$(chain "$1.record")" ]
}

# Begin the image of diff $1: size $2, SHA-256 $3, format $4.
verb_begin() {
    verb_note "$@"
    say "$2 $3 $4" >"$(chain "$1.record.part")"
    mv -f -- "$(chain "$1.record.part")" "$(chain "$1.record")"
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
    if find_finished "$1"; then
        return
    fi
    read -r size digest own_format <"$(chain "$1.record")"
    part=$(chain "$1.part") ranges=$(chain "$1.ranges")
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
    # From now on it can be saved for others from here, too, at no cost.
    if ! grep -qx rebased "$ranges" && ! find_saved "$1"; then
        mkdir -p saved
        ln -- "$(chain "$1.$own_format")" "saved/$1.$own_format" || :
    fi
}

# See to it that the image $3 of diff $1 builds on the image of diff $2 beside it, and on no other.
settle() {
    if [ "$4" = raw ]; then
        [ "$2" = - ] || die "$1 is a raw image, and cannot build on $2"
        return 0
    fi
    # Bit 2 of the incompatible features: the data is in another file, of any path.
    features=$(od -An -tu1 -j79 -N1 "$3") || die "$1 is no qcow2 image"
    [ $((features & 4)) -eq 0 ] || die "$1 keeps its data in another file"
    about=$("$QEMU_IMG" info -f qcow2 "$3") || die "$1 is no qcow2 image"
    named=$(say "$about" | sed -n 's/^backing file: //p' | sed 's/ (actual path: .*//')
    kind=$(say "$about" | sed -n 's/^backing file format: //p')
    if [ "$2" = - ]; then
        [ -z "$named" ] || die "$1 builds on a file, and should on nothing"
        "$QEMU_IMG" check -q -f qcow2 "$3" || die "$1 is a broken qcow2 image"
        return 0
    fi
    find_finished "$2" || die "$2 is not there, on which $1 builds"
    [ -n "$named" ] || die "$1 builds on nothing, and should on $2"
    if [ "$named $kind" != "${file##*/} $format" ]; then
        stem=${named##*/}
        [ "$REBASE" = any ] || [ "${stem%.*}" = "$2" ] || [ "$stem" = "$2" ] ||
            die "$1 builds on a file of another name than $2; REBASE=any takes it as that"
        printf '\nrebased\n' >>"$ranges"
        "$QEMU_IMG" rebase -u -f qcow2 -F "$format" -b "${file##*/}" "$3"
    fi
    "$QEMU_IMG" check -q -f qcow2 "$3" || die "$1 is a broken qcow2 image"
}

# Make the image of VM $1 on top of diff $2, - for none, and start it.
verb_image() {
    image=images/$1.qcow2 mark=$(chain "$1.vm")
    if [ "$2" = - ]; then
        grep -qx started "$mark" 2>/dev/null || start_vm "$1" '' 9<&-
        say started >>"$mark"
        return
    fi
    if [ -e "$image" ] && grep -qx started "$mark" 2>/dev/null; then
        return
    fi
    verb_vacant "$1"
    if [ ! -e "$image" ]; then
        find_finished "$2" || die "$2 is not complete, on which $1 runs"
        mkdir -p images
        rm -f -- "images/$1.part"
        (cd images && "$QEMU_IMG" create -q -f qcow2 -F "$format" -b "../$file" "$1.part")
        "$QEMU_IMG" compare -q -f qcow2 -F "$format" "images/$1.part" "$file" ||
            die "the image of $1 does not read as $2 on which it builds"
        flush "images/$1.part"
        ln -- "images/$1.part" "$image" # fails if there is one
        flush images
    fi
    grep -qx made "$mark" 2>/dev/null || say made >>"$mark"
    rm -f -- "images/$1.part"
    start_vm "$1" "$PWD/$image" 9<&-
    say started >>"$mark"
}

# How many bytes other servers sent.
verb_sent() {
    total=0
    for ranges in "chains/$run"/*.ranges; do
        [ -f "$ranges" ] || continue
        while read -r range of sender; do
            case $of:$sender in
            of:- | :*) ;;
            of:*) total=$((total + ${range#*-} - ${range%-*})) ;;
            esac
        done <"$ranges"
    done
    say "$total"
}
