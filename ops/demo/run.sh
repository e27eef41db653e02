# shellcheck shell=bash disable=SC2154,SC2034
# The demo's doing: services, schema, topics, plan, daemon, messages; part of ops/local/demo.

# paraplu ARGUMENTS...: the command line, as the operator.
paraplu() { "${clean[@]}" "$bin/paraplu" --configuration "$work/paraplu.yaml" "$@"; }

# query SQL: rows as tab-separated lines, as superuser.
query() {
  psql -X -q -A -t -F $'\t' -v ON_ERROR_STOP=1 -h "$pg_host" -p "$pg_port" -U "$pg_user" -d "${2:-paraplu}" -c "$1"
}

# quietly COMMAND...: its words only where it fails.
quietly() {
  "$@" >"$work/quiet.log" 2>&1 || {
    cat "$work/quiet.log" >&2
    die "failed: $*"
  }
}

# await SECONDS WORDS TEST...: until the test succeeds, while the daemon runs.
await() {
  local until=$((SECONDS + $1)) words=$2
  shift 2
  until "$@"; do
    kill -0 "$daemon" 2>/dev/null || { tail -5 "$work/paraplud.log" >&2; die "paraplud ended while waiting for $words"; }
    if ((SECONDS > until)); then
      tail -5 "$work/paraplud.log" >&2
      query "SELECT feed, held_since, held_code FROM operations.feed WHERE held_since IS NOT NULL" >&2 || true
      die "$words: not in time"
    fi
    sleep 0.2
  done
}

# is_ready: whether GET /readyz says 200.
is_ready() {
  local line=''
  { exec 3<>"/dev/tcp/127.0.0.1/$http_port"; } 2>/dev/null || return 1
  printf 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
  read -r -t 5 line <&3 || true
  exec 3>&-
  [[ $line == *' 200 '* ]]
}

write_configuration() {
  http_port=$(free_port)
  (umask 077 && head -c 32 /dev/urandom >"$work/hash.key")
  cat >"$work/paraplu.yaml" <<CONFIG
# Written by the demo.
instance: demo
topic_prefix: stm
source_oin: "00000099000000900000"
connectors:
  directory: "$root/connectors"
kafka:
  bootstrap_servers: "$bootstrap"
  security: plaintext
database:
  host: "$pg_host"
  port: $pg_port
  name: paraplu
  user: paraplu_app
  tls: disable
rejection_window:
  enabled: $window
http:
  port: $http_port
log:
  format: json
privacy:
  hash_key_file: "$work/hash.key"
CONFIG
}

# The built-in broker knows no CreateTopics: there a topic comes by being asked for.
make_topics() {
  local topic
  if [[ $broker_kind == mock ]]; then
    for topic in $(paraplu topics create --dry-run --output json | jq -r '.topics[].topic'); do
      quietly kcat -b "$bootstrap" -L -t "$topic"
    done
  else
    quietly paraplu topics create
  fi
}

start_daemon() {
  setsid "${clean[@]}" "$bin/paraplud" --configuration "$work/paraplu.yaml" </dev/null >"$work/paraplud.log" 2>&1 &
  daemon=$!
  echo "$daemon" >"$work/paraplud.pid"
}

# publish SCRIPT TOPIC: its messages in order, each acknowledged before the next.
publish() {
  local partition headers key value name named options
  while IFS=$'\x1f' read -r partition headers key value; do
    options=()
    IFS=$'\x1e' read -ra named <<<"$headers"
    for name in "${named[@]+"${named[@]}"}"; do options+=(-H "$name"); done
    # With -Z an empty value is null, and an empty key too.
    printf '%s\x1f%s' "$key" "$value" | timeout 60 kcat -P -q -b "$bootstrap" -X queue.buffering.max.ms=0 -t "$2" \
      -p "$partition" -Z -K $'\x1f' "${options[@]+"${options[@]}"}"
  done <"$1"
}

has_journalled() { [[ $(query 'SELECT coalesce(sum(journalled), 0) FROM report_v1.balance') == "$1" ]]; }
has_settled() { [[ $(query "SELECT count(*) FROM journal.settlement WHERE kind = 'resolved'") == "$1" ]]; }
# Everything is sent, and a cut says so of the latest commit.
is_at_rest() {
  [[ $(query 'SELECT (SELECT count(*) FROM outbox.lease AS l JOIN outbox.event AS e
        ON (e.commit, e.n) > (l.sent_commit, l.sent_n)) = 0
      AND (SELECT max(commit) FROM outbox.cut) = (SELECT number FROM operations.commit_clock)') == t ]]
}

run_demo() {
  step "starting a private broker and a private PostgreSQL"
  if [[ -z $(apache_kafka) && ! -x $bin/ParapluMockBroker ]]; then
    step "building the built-in broker"
    quietly "${SWIFT:-swift}" build --package-path "$root" "${flags[@]+"${flags[@]}"}" -c release --product ParapluMockBroker
  fi
  PARAPLU_BIN=$bin start_services "$work"
  bootstrap=$(fact "$work/broker.facts" bootstrap)
  broker_kind=$(fact "$work/broker.facts" kind)
  pg_host=$(fact "$work/pg.facts" host) pg_port=$(fact "$work/pg.facts" port) pg_user=$(fact "$work/pg.facts" user)
  step "broker: $broker_kind $(fact "$work/broker.facts" version) at $bootstrap; PostgreSQL $(fact "$work/pg.facts" version)"

  write_configuration
  query 'CREATE DATABASE paraplu' postgres
  quietly paraplu database migrate --database-user "$pg_user"
  step "schema: version $(query 'SELECT max(version) FROM paraplu_migration.applied')"
  make_topics
  kcat -b "$bootstrap" -L -J >"$work/topics.json"
  local partitions
  partitions=$(jq '[.topics[] | select(.topic | startswith("stm.in.")) | .partitions | length] | min' "$work/topics.json")
  step "topics: $(jq '[.topics[] | select(.topic | startswith("stm."))] | length' "$work/topics.json"), $partitions partitions of each inbound one"
  quietly paraplu plan apply "$plan" --reason "reference plan for the demo"
  step "plan: $(query 'SELECT count(*) FROM plan.action') actions, $(query 'SELECT count(*) FROM plan.organisation') organisations"

  start_daemon
  await 60 "readiness" is_ready
  step "paraplud is ready (pid $daemon, http://127.0.0.1:$http_port)"

  local burst=0 sender senders=() script topic
  [[ $window == true ]] || burst=40
  "$here/messages" --plan "$plan" --until "$(date -u -d '4 days ago' +%F)" --out "$work/script" --seed "$seed" \
    --partitions "$partitions" --burst "$burst"
  published=$(cat "$work"/script/*.messages | wc -l)
  step "publishing $published messages of ${#partners[@]} partners (SEED=$seed)"
  for script in "$work"/script/*.messages; do
    topic=stm.in.$(basename "$script" .messages).v1
    inbound+=("$topic")
    publish "$script" "$topic" &
    senders+=("$!")
  done
  for sender in "${senders[@]}"; do wait "$sender" || die "a message could not be published"; done
  step "published"
  await 120 "the journal" has_journalled "$published"
  step "all $published are journalled"
  quietly paraplu plan apply "$work/script/plan-2.json" --reason "one more action, for which a report came too early"
  await 60 "the parked message" has_settled "$(awk -F '\t' '$2 == "resolved" { n += $3 } END { print n + 0 }' "$work/script/expected.receipts")"
  step "a second plan version is in force; the message that came too early is applied"
  await 60 "the last cut" is_at_rest
  read_topics
  step "the outbox is empty, and a cut closes the picture"
}

plan=$root/deploy/reference-plan.json
partners=(jenv szw vws politie comensha bz nrm)
inbound=()

# consume TOPIC FORMAT: all of it, as a reader of committed messages has it.
consume() {
  timeout 60 kcat -C -q -b "$bootstrap" -X isolation.level=read_committed -t "$1" -o beginning -e -f "$2"
}

# read_topics: what went out, each message on a line: key, tab, value.
read_topics() {
  local partner
  mkdir -p "$work/read"
  for topic in status changes cuts; do consume "stm.out.$topic.v1" '%k\t%s\n' >"$work/read/$topic"; done
  for partner in "${partners[@]}"; do
    consume "stm.out.receipts.$partner.v1" '%s\n' |
      jq -c --arg partner "$partner" '{partner: $partner} + .' >"$work/read/receipts.$partner"
  done
}
