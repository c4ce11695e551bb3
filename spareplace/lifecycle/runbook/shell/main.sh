# ---- Where it begins ---------------------------------------------------------------------------

script=$0
case $script in
*/*) ;;
*) script=./$script ;;
esac

case ${1-} in
@)
    cd -- "$2" || die "the server of $2 is not to be reached"
    verb=verb_$3
    case $3 in
    begin | receive | keep | finish | image | admit | drop | mark | forget) alone ;;
    esac
    shift 3
    "$verb" "$@"
    exit
    ;;
scrub)
    scrub
    exit
    ;;
'') ;;
*) die "without a word this does what it says above; \`scrub\` compares what is stored with its sums" ;;
esac

case $CHUNK in
'' | 0* | *[!0-9]*) die "CHUNK is a number of bytes, and not $CHUNK" ;;
esac
exec </dev/null 9<"$script"
flock -n 9 || die "a run of this script is still going on, or what is left of one"
