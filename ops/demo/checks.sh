# shellcheck shell=bash disable=SC2154,SC2034
# What became of the messages against what was to be expected; part of ops/local/demo.

checks=0 differences=0

# check WORDS EXPECTED GOT: one line; a difference is counted.
check() {
  checks=$((checks + 1))
  if [[ $2 == "$3" ]]; then
    fold -s -w 88 <<<"$1" | sed '1s/^/  ok       /; 2,$s/^/             /'
  else
    differences=$((differences + 1))
    fold -s -w 88 <<<"$1" | sed '1s/^/  differs  /; 2,$s/^/             /'
    { diff -U 0 <(printf '%s\n' "$2") <(printf '%s\n' "$3") || true; } |
      sed -n '3,$ { /^@@/d; s/^-/           expected  /; s/^+/           got       /; p }'
  fi
}

# line TEXT: tab-separated rows of name and count, without their first column, in one line.
line() { awk -F '\t' '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $NF, $(NF - 1) }' <<<"$1"; }

# compare_by NAME EXPECTED GOT: a check for each value of the first column.
compare_by() {
  local first expected got
  while read -r first; do
    expected=$(awk -F '\t' -v first="$first" '$1 == first' "$2")
    got=$(awk -F '\t' -v first="$first" '$1 == first' "$3")
    check "$1 $first: $(line "$expected")" "$expected" "$got"
  done < <(cut -f 1 "$2" "$3" | sort -u)
}

# The cut's hash, from the status topic alone. A subject's bucket is the first twelve bits of the SHA-256 of its name; a
# bucket's hash is over its subjects in byte order, each with revision and the hash of its value; the cut's is over all
# 4,096 bucket hashes.
cut_hash() {
  local key value revision bucket hash
  local -A latest=() text=() hashes=()
  while IFS=$'\t' read -r key value; do latest[$key]=$value; done <"$work/read/status"
  while read -r key; do
    hash=$(printf %s "$key" | sha256sum)
    bucket=$((16#${hash:0:3}))
    revision=$(jq -r '"\(.revision.epoch).\(.revision.n)"' <<<"${latest[$key]}")
    hash=$(printf %s "${latest[$key]}" | sha256sum)
    text[$bucket]+="$key"$'\n'"$revision"$'\n'"${hash%% *}"$'\n'
  done < <(printf '%s\n' "${!latest[@]}" | LC_ALL=C sort)
  for bucket in "${!text[@]}"; do
    hash=$(printf %s "${text[$bucket]}" | sha256sum)
    hashes[$bucket]=${hash%% *}
  done
  hash=$(printf '' | sha256sum)
  for ((bucket = 0; bucket < 4096; bucket++)); do echo "${hashes[$bucket]:-${hash%% *}}"; done >"$work/buckets"
  # shellcheck disable=SC2059
  while read -r value; do printf "$value"; done < <(sed 's/../\\x&/g' "$work/buckets") | sha256sum | cut -d ' ' -f 1
}

run_checks() {
  local got=$work/got script=$work/script
  heading "Against what was to be expected"
  mkdir -p "$got"

  query "SELECT c.feed, o.outcome, sum(o.count) FROM (
      SELECT regexp_replace(topic, '^[^.]+\.in\.([^.]+)\.([^.]+)\.v1\$', '\1/\2') AS feed, * FROM report_v1.balance) AS c,
      LATERAL (VALUES ('applied', applied), ('duplicate', duplicate), ('stale', stale), ('rejected', rejected),
        ('parked', parked)) AS o (outcome, count)
    GROUP BY 1, 2 HAVING sum(o.count) > 0" | LC_ALL=C sort >"$got/outcomes"
  compare_by "outcomes of" "$script/expected.outcomes" "$got/outcomes"
  query "SELECT feed, code, count(*) FROM report_v1.rejections GROUP BY 1, 2" | LC_ALL=C sort >"$got/codes"
  compare_by "refusals of" "$script/expected.codes" "$got/codes"
  cat "$work"/read/receipts.* | jq -r '[.partner, .data.outcome] | @tsv' | LC_ALL=C sort | uniq -c |
    awk -v OFS='\t' '{ print $2, $3, $1 }' | LC_ALL=C sort >"$got/receipts"
  compare_by "receipts to" "$script/expected.receipts" "$got/receipts"

  query "SELECT action_id, lifecycle, coalesce(reported_rating, '-'), coalesce(as_of::text, '-'), data_state
    FROM report_v1.action_status" | LC_ALL=C sort >"$got/status"
  check "status of $(wc -l <"$script/expected.status") actions: lifecycle, reported rating, as-of and data state" \
    "$(<"$script/expected.status")" "$(<"$got/status")"

  query "SELECT indicator_id, period, coalesce(category, '-'), series, vintage, coalesce(value::text, flag)
    FROM report_v1.indicator_figure" | LC_ALL=C sort >"$got/figures"
  check "figures: $(wc -l <"$script/expected.figures") words on indicators, with series, vintage and what is suppressed" \
    "$(<"$script/expected.figures")" "$(<"$got/figures")"
  query "SELECT code, indicator_id, period, coalesce(value::text, '-'), coalesce(other::text, '-')
    FROM report_v1.indicator_finding" | LC_ALL=C sort >"$got/notes"
  check "figures: what is to be known before they are read" "$(<"$script/expected.notes")" "$(<"$got/notes")"

  local stored
  stored=$(query "SELECT subject, epoch || '.' || revision, rating FROM progress.status" | LC_ALL=C sort)
  # Of each key the last one counts: that is what a compacted topic keeps.
  check "status topic: the latest of $(wc -l <<<"$stored") subjects is what the store has" "$stored" "$(
    awk -F '\t' '{ latest[$1] = $2 } END { for (key in latest) print latest[key] }' "$work/read/status" |
      jq -r '[.subject, "\(.revision.epoch).\(.revision.n)", .rating] | @tsv' | LC_ALL=C sort)"
  check "changes topic: every subject's revisions rise by one from 1 to the latest" "" "$(
    cut -f 2 "$work/read/changes" | jq -rs 'group_by(.subject)[]
      | (map(.data.revision.n) | unique) as $n | select($n != [range(1; ($n | length) + 1)]) | .[0].subject')"
  local cut
  cut=$(tail -1 "$work/read/cuts" | cut -f 2)
  check "cut: its hash and its $(jq .data.subjects <<<"$cut") subjects follow from the status topic alone" \
    "$(jq -r '"\(.data.subjects) \(.data.hash)"' <<<"$cut")" \
    "$(cut -f 1 "$work/read/status" | sort -u | wc -l) $(cut_hash)"

  check "balance: difference 0, and as many journalled as published" "0 $published" \
    "$(paraplu balance --output json | jq -r '"\(.difference) \([.partitions[].journalled] | add)"')"
  check "lag: every inbound topic is read to its end" "0" "$(lag)"
  check "outbox: nothing waits, nothing is set aside" $'0\t0' "$(query 'SELECT (SELECT count(*) FROM outbox.lease AS l
    JOIN outbox.event AS e ON (e.commit, e.n) > (l.sent_commit, l.sent_n)), (SELECT count(*) FROM outbox.set_aside)')"
  local waiting
  waiting=$(awk -F '\t' '$2 == "parked" { n += $3 } $2 == "resolved" { n -= $3 } END { print n }' \
    <(cat "$script/expected.outcomes" "$script/expected.receipts" | sort | awk -F '\t' '$1 ~ "/" || $2 == "resolved"'))
  check "parked: $waiting still wait for an action that no plan has" "$waiting" "$(query 'SELECT count(*) FROM operations.parked')"
  check "verify: nothing in the journal was changed or removed" "0" "$(quiet_status paraplu verify)"
  check "rebuild: the projections follow from the journal alone" "0" "$(quiet_status paraplu rebuild --compare)"
  check "privacy: the invented citizen number is in no table, topic or log" "0" "$(count_of_number)"
}

# quiet_status COMMAND...: its exit status, and its words where it isn't 0.
quiet_status() {
  local status=0
  "$@" >"$work/quiet.log" 2>&1 || status=$?
  echo "$status"
  ((status == 0)) || cat "$work/quiet.log"
}

# lag: messages that are in Kafka and not yet in a position.
lag() {
  local topics=() topic partition
  for topic in "${inbound[@]}"; do
    for partition in $(jq -r --arg topic "$topic" '.topics[] | select(.topic == $topic) | .partitions[].partition' "$work/topics.json"); do
      topics+=(-t "$topic:$partition:-1")
    done
  done
  # kcat writes: topic [partition] offset N. A partition that was never read has no position, and stands at 0.
  timeout 60 kcat -Q -b "$bootstrap" "${topics[@]}" | tr -d '[]' | awk -v OFS='\t' '{ print $1 "/" $2, $4 }' >"$work/ends"
  query "SELECT topic || '/' || partition, next FROM report_v1.balance" >"$work/positions"
  awk -F '\t' 'NR == FNR { next_offset[$1] = $2; next } { lag += $2 - next_offset[$1] } END { print lag + 0 }' "$work/positions" "$work/ends"
}

# count_of_number: how often the number is found in a dump of the database (as text or in bytes), what went out, and the log.
count_of_number() {
  local hex='' i number=999990342 dump
  for ((i = 0; i < ${#number}; i++)); do hex+=3${number:i:1}; done
  dump=$(compgen -G '/usr/lib/postgresql/*/bin/pg_dump' | sort -t/ -k5 -n | tail -1)
  { "$dump" -h "$pg_host" -p "$pg_port" -U "$pg_user" paraplu || echo "$number: no dump"; cat "$work"/read/* "$work/paraplud.log"; } |
    grep -cE "$number|$hex" || true
}

# check_exit: the daemon drains and exits 0 on SIGTERM.
check_exit() {
  local status=0
  end_daemon "$work"
  wait "$daemon" || status=$?
  check "paraplud drained and exited 0 on SIGTERM" 0 "$status"
}
