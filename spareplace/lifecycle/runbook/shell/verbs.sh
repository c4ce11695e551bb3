# ---- What is done on a server, in its folder ---------------------------------------------------
#
# saved/DIFF.qcow2 (or .raw)   whole images of diffs, as they were saved; never written to
# records/DIFF.record          size, SHA-256 and format of the whole saved image of a diff
# store/DIFF/START-STOP        bytes of it that are kept for others, and their SHA-256 beside them
# chains/RUN/DIFF.qcow2        the images that the VMs rebuilt by one run build on
# images/VM.qcow2              the images of VMs; of one with several disks VM.disks/1.qcow2, 2...

export LC_ALL=C
unset CDPATH
umask 077

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

say() {
    printf '%s\n' "$*"
}

# What a run that was cut off left on this server may still write: two never do at a time.
alone() {
    exec 8>>.lock
    flock -n 8 || {
        say "waiting in $PWD for the end of what another run left, or of another run" >&2
        flock 8
    }
}

flush() {
    sync -- "$@" 2>/dev/null || sync
}

size_of() {
    stat -L -c %s -- "$1"
}

# Bytes $2 up to $3 of the file $1.
bytes() {
    [ "$2" -eq "$3" ] ||
        dd if="$1" bs=1M iflag=skip_bytes,count_bytes,fullblock skip="$2" count=$(($3 - $2)) \
            status=none
}

sum() {
    sum_line=$(sha256sum) || return 1
    say "${sum_line%% *}"
}

# Write standard input into the file $1 from byte $2 on; it has to be $3 bytes.
write_bytes() {
    told=$(dd of="$1" bs=1M iflag=fullblock,count_bytes count="$3" seek="$2" oflag=seek_bytes \
        conv=notrunc,fsync 2>&1) || die "$told"
    count=$(say "$told" | sed -n 's/^\([0-9][0-9]*\) bytes* .*/\1/p')
    [ "$count" = "$3" ] || die "$count bytes came for $1, where $3 were expected"
}

is_range() {
    case $1 in
    *[!0-9-]* | -* | *- | *-*-*) return 1 ;;
    esac
}

# The stored file that has byte $2 of diff $1 and reaches farthest: sets file, first and last.
find_stored() {
    file='' last=$2
    for candidate in "store/$1"/*-*; do
        range=${candidate##*/}
        if is_range "$range" && [ "${range%-*}" -le "$2" ] && [ "${range#*-}" -gt "$last" ]; then
            file=$candidate first=${range%-*} last=${range#*-}
        fi
    done
    [ -n "$file" ]
}

find_saved() {
    for format in qcow2 raw; do
        file=saved/$1.$format
        [ ! -f "$file" ] || return 0
    done
    return 1
}

# Bytes $2 up to $3 of diff $1, stored or saved here.
verb_read() {
    at=$2
    while [ "$at" -lt "$3" ]; do
        if ! find_stored "$1" "$at"; then
            find_saved "$1" || die "byte $at of $1 is neither stored nor saved in $PWD"
            first=0 last=$(size_of "$file")
            [ "$last" -gt "$at" ] || die "$file has $last bytes: too few"
        fi
        [ "$last" -le "$3" ] || last=$3
        bytes "$file" $((at - first)) $((last - first))
        at=$last
    done
}

# The sum of bytes $2 up to $3 of diff $1. What rotted in a store gets no sum that makes it right.
verb_sum() {
    at=$2
    while [ "$at" -lt "$3" ] && find_stored "$1" "$at"; do
        is_intact "$file" || die "damaged: $PWD/$file; what another server has of it may be right"
        at=$last
    done
    verb_read "$@" | sum
}

# Tell whether a stored file holds what it held when it was stored.
is_intact() {
    range=${1##*/}
    kept=$(cat "$1.sha256") || return 1
    [ "${kept%% *}" = "$(bytes "$1" 0 $((${range#*-} - ${range%-*})) | sum)" ]
}

# The record of diff $1: what it says is checked whenever all of its bytes are together.
verb_record() {
    if [ ! -f "records/$1.record" ]; then
        find_saved "$1" || die "there is no record of $1 in $PWD, nor saved/$1.qcow2 or .raw"
        write_record "$1" "$(size_of "$file") $(sum <"$file") $format"
    fi
    cat "records/$1.record"
}

write_record() {
    mkdir -p records
    draft=records/$1.part.$$ # several may ask at once
    say "$2" >"$draft"
    flush "$draft"
    mv -f -- "$draft" "records/$1.record"
}

# Keep the record of diff $1: size $2, SHA-256 $3, format $4.
verb_note() {
    case $2:$3:$4 in
    *[!0-9a-f:]*:qcow2 | *[!0-9a-f:]*:raw) die "the record of $1 makes no sense" ;;
    *:*:qcow2 | *:*:raw) ;;
    *) die "the record of $1 makes no sense" ;;
    esac
    if [ ! -f "records/$1.record" ]; then
        write_record "$1" "$2 $3 $4"
    fi
    [ "$(cat "records/$1.record")" = "$2 $3 $4" ] ||
        die "records/$1.record in $PWD is of another image of that name"
}

# Compare what is stored here with its sums.
verb_scrub() {
    bad=0
    for candidate in store/*/*-*; do
        range=${candidate##*/}
        is_range "$range" || continue
        is_intact "$candidate" || {
            say "damaged: $PWD/$candidate"
            bad=1
        }
    done
    return "$bad"
}
