# shellcheck shell=bash disable=SC2154,SC2034
# The demo's outcome for a reader, on a terminal of 100 columns; part of ops/local/demo.

heading() {
  local rule
  printf -v rule '%*s' $((96 - ${#1})) ''
  printf '\n── %s %s\n\n' "$1" "${rule// /─}"
}

# columns: tab-separated lines as a table.
columns() {
  awk -F '\t' '
    { for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } fields = NF }
    END {
      for (row = 1; row <= NR; row++) {
        text = ""
        for (i = 1; i < fields; i++) text = text sprintf("%-*s  ", width[i], cell[row, i])
        print substr(text cell[row, fields], 1, 100)
      }
    }'
}

show_outcome() {
  heading "Where the programme stands: every action, by action line"
  paraplu status
  heading "What was refused, and why"
  {
    printf 'FEED\tOFFSET\tCODE\tWHERE\tKEPT\n'
    query "SELECT feed, partition || ':' || \"offset\", code, coalesce(nullif(path, ''), '(the message)'),
        CASE WHEN payload_kept THEN 'yes' ELSE 'no' END
      FROM report_v1.rejections ORDER BY feed, recorded_at, partition, \"offset\" LIMIT 60"
  } | columns
  heading "Receipts: what the publishers were told"
  {
    printf 'PARTNER\tOUTCOME\tCODE\tRECEIPTS\n'
    cat "$work"/read/receipts.* | jq -r '[.partner, .data.outcome, .data.code // "-"] | @tsv' | LC_ALL=C sort | uniq -c |
      awk -v OFS='\t' '{ print $2, $3, $4, $1 }'
  } | columns
  printf '\none of them, on stm.out.receipts.szw.v1:\n'
  jq -c 'select(.data.code == "authority") | .data' "$work/read/receipts.szw" | head -1 | fold -s -w 96 | sed 's/^/  /'
  local action
  action=$(query "SELECT action_id FROM report_v1.action_status AS s WHERE holder = 'org-jenv'
    AND rating IN ('ORANJE', 'ROOD') AND data_state = 'ACTUEEL' ORDER BY action_id = 'ill-5-08' DESC, action_id LIMIT 1")
  heading "Why action/$action stands where it stands"
  paraplu explain "action/$action" | sed '/^ACTION /,$d'
  {
    printf 'MESSAGE\tEVENT ID\tREPORTER\tSAID\tAS OF\tDISPOSITION\n'
    query "SELECT regexp_replace(topic, '^.*\.in\.', '') || ':' || partition || ':' || \"offset\", event_id, reporter,
        coalesce(item || ' ' || (body ->> 'status'), (body ->> 'lifecycle') || ' ' || (body ->> 'rating')), as_of, disposition
      FROM report_v1.explain('action/$action')"
  } | columns
  heading "Where involved organisations contradict the holder"
  paraplu conflict list --limit 20 2>/dev/null
  heading "The reporting round, frozen: whose reports came"
  quietly paraplu round open half-year --as-of "$(query 'SELECT max(as_of) FROM report_v1.action_status')" \
    --freeze-on "$(TZ=Europe/Amsterdam date +%F)" --reason "the half-year that was published"
  quietly paraplu round freeze half-year --reason "for the letter to Parliament"
  paraplu round show half-year 2>/dev/null | sed '/^SUBJECT /,$d'
  heading "Figures: every vintage, two counts of one year, and small counts suppressed"
  paraplu indicator show ind-slachtoffers-comensha 2>/dev/null
  heading "Nothing lost: lag and balance"
  {
    printf 'TOPIC\tREAD\tAPPLIED\tDUPLICATE\tSTALE\tREJECTED\tPARKED\tHOLES\tLOST\n'
    paraplu balance --output json | jq -r '.partitions | group_by(.topic)[] | [.[0].topic, (map(.next - .first) | add),
      (("applied", "duplicate", "stale", "rejected", "parked", "holes", "lost") as $name | map(.[$name]) | add)] | @tsv'
  } | columns
  printf '\nlag %s, difference %s\n' "$(lag)" "$(paraplu balance --output json | jq .difference)"
  heading "A cut: the picture is complete up to here"
  tail -1 "$work/read/cuts" | cut -f 2 | jq -r '.data |
    "commit    \(.commit)\nrecorded  \(.recorded_at)\nsubjects  \(.subjects)\nhash      \(.hash)\noffsets   \(.offsets | tojson)"' |
    cut -c 1-100
  printf 'programme '
  awk -F '\t' '$1 == "programme" { latest = $2 } END { print latest }' "$work/read/status" |
    jq -r '"revision \(.revision.epoch).\(.revision.n), rating \(.rating), coverage \(.coverage_percent)%"'
  if [[ $broker_kind == mock ]]; then
    printf '\nThe built-in broker has no compaction and no isolation of transactions: not shown here.\n'
  fi
}

show_way_around() {
  heading "It is left running"
  cat <<WORDS
  set -a; . .demo/env; set +a       and then, for example:
  psql -c 'SELECT action_id, lifecycle, rating, as_of FROM report_v1.action_status'
  kcat -C -b \$BOOTSTRAP -X isolation.level=read_committed -t stm.out.status.v1 -e -f '%k %s\n'
  $bin/paraplu status
  tail -f $work/paraplud.log

  make demo-stop                    ends it

WORDS
}
