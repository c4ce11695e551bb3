# ---- What is done on the server that is to store something, or no longer -------------------------

verb_ready() {
    for tool in dd sha256sum sed grep stat sync truncate flock; do
        command -v -- "$tool" >/dev/null || die "$tool is not here"
    done
}

verb_did() {
    grep -qx "step $1" "journal/$run" 2>/dev/null
}

verb_mark() {
    mkdir -p journal
    # The first line break ends a line that was cut off.
    printf '\nstep %s\n' "$1" >>"journal/$run"
    flush "journal/$run"
}

verb_forget() {
    rm -f -- "journal/$run"
}

# What another run did here, and was cut off before its end, may no longer be so from now on.
forget_others() {
    for journal in journal/*; do
        [ "$journal" = "journal/$run" ] || rm -f -- "$journal"
    done
}

# Tell whether bytes $2 up to $3 of diff $1 are stored.
verb_covers() {
    at=$2
    while [ "$at" -lt "$3" ]; do
        find_stored "$1" "$at" || return 1
        at=$last
    done
}

# Tell whether none of them is.
verb_lacks() {
    for candidate in "store/$1"/*-*; do
        range=${candidate##*/}
        if is_range "$range" && [ "${range%-*}" -lt "$3" ] && [ "${range#*-}" -gt "$2" ]; then
            return 1
        fi
    done
}

# Take bytes $2 up to $3 of diff $1 from standard input, and tell their sum.
verb_receive() {
    mkdir -p "store/$1"
    rm -f -- "store/$1/part"
    write_bytes "store/$1/part" 0 $(($3 - $2))
    sum <"store/$1/part"
}

# Store what was received, whose sum is $4.
verb_admit() {
    forget_others
    say "$4  $2-$3" >"store/$1/$2-$3.sha256"
    flush "store/$1/$2-$3.sha256"
    mv -f -- "store/$1/part" "store/$1/$2-$3"
    flush "store/$1"
}

# No longer store bytes $2 up to $3 of diff $1.
verb_drop() {
    forget_others
    for candidate in "store/$1"/*-*; do
        range=${candidate##*/}
        is_range "$range" || continue
        from=${range%-*} to=${range#*-}
        # What was cut off here before may have left a file longer than its name says.
        [ "$(size_of "$candidate")" -le $((to - from)) ] || truncate -s $((to - from)) "$candidate"
        if [ "$from" -lt "$3" ] && [ "$to" -gt "$2" ]; then
            [ "$to" -le "$3" ] || [ -f "store/$1/$3-$to" ] || keep_rest "$candidate" "$1" "$3" "$to"
            if [ "$from" -lt "$2" ]; then
                kept=$(bytes "$candidate" 0 $(($2 - from)) | sum)
                say "$kept  $from-$2" >"store/$1/$from-$2.sha256"
                flush "store/$1/$from-$2.sha256"
                mv -f -- "$candidate" "store/$1/$from-$2"
                truncate -s $(($2 - from)) "store/$1/$from-$2"
            else
                rm -f -- "$candidate"
            fi
            rm -f -- "$candidate.sha256"
        fi
    done
    rm -f -- "store/$1/part"
    if [ -d "store/$1" ] && rmdir -- "store/$1" 2>/dev/null && ! find_saved "$1"; then
        rm -f -- "records/$1.record"
    fi
}

# Store what is behind a deletion as a file of its own: the one step with room on the side, of its
# bytes, fewer than CHUNK.
keep_rest() {
    kept=$(bytes "$1" $(($3 - from)) $(($4 - from)) | verb_receive "$2" "$3" "$4")
    verb_admit "$2" "$3" "$4" "$kept"
}

# ---- How it is done ----------------------------------------------------------------------------

# copy STEP FROM TO DIFF START STOP SIZE
copy() {
    if on "$3" did "$1"; then
        return
    fi
    record=$(on "$2" record "$4")
    [ "${record%% *}" = "$7" ] ||
        die "the saved image of $4 has ${record%% *} bytes, the plan says $7"
    # shellcheck disable=SC2086 # three words
    on "$3" note "$4" $record
    copy_at=$5
    while [ "$copy_at" -lt "$6" ]; do
        copy_to=$((copy_at + CHUNK))
        [ "$copy_to" -le "$6" ] || copy_to=$6
        on "$3" covers "$4" "$copy_at" "$copy_to" || copy_part "$2" "$3" "$4" "$copy_at" "$copy_to"
        copy_at=$copy_to
    done
    on "$3" mark "$1"
    say "step $1: $3 stores $4 $5-$6, from $2"
}

copy_part() {
    if [ "$1" = "$2" ]; then
        here=$(on "$1" read "$3" "$4" "$5" | on "$2" receive "$3" "$4" "$5")
    else
        here=$(on "$1" read "$3" "$4" "$5" | through | on "$2" receive "$3" "$4" "$5")
    fi
    there=$(on "$1" sum "$3" "$4" "$5")
    [ "$here" = "$there" ] || die "bytes $4-$5 of $3 are not on $2 what they are on $1"
    on "$2" admit "$3" "$4" "$5" "$here"
}

# drop STEP SERVER DIFF START STOP
drop() {
    if on "$2" did "$1"; then
        return
    fi
    on "$2" drop "$3" "$4" "$5"
    on "$2" mark "$1"
    say "step $1: $2 no longer stores $3 $4-$5"
}

move() {
    check_first
    if reached; then
        say "everything is stored as it has to be"
    else
        steps
        reached || die "something is not stored as it has to be: was anything else changed?"
    fi
    forget
}
