# shellcheck shell=bash
# Shared by the scripts beside it, which source it; it does nothing by itself.

# The project's root, and the directory that may hold a real Apache Kafka (never part of the project).
local_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034
root=$(cd "$local_dir/../.." && pwd)
shared=${PARAPLU_SHARED:-$root/../shared}

# die MESSAGE...: one line on stderr, status 1.
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# misuse MESSAGE...: wrong use of a script, status 2.
misuse() { printf '%s: %s (see --help)\n' "${0##*/}" "$*" >&2; exit 2; }

# usage: prints the calling script's leading comment.
usage() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port [TAKEN...]: a free TCP port of 127.0.0.1, below Linux's ephemeral range, so that no outgoing
# connection takes it between here and the server's bind.
free_port() {
  local port
  for _ in {1..200}; do
    port=$((10000 + RANDOM % 22000))
    [[ " $* " == *" $port "* ]] && continue
    port_is_free "$port" && { echo "$port"; return; }
  done
  die "no free port found"
}

# is_process PID WORD: whether PID runs and its command line holds WORD; so a pid that the system gave to
# another process since is not mistaken for ours.
is_process() {
  [[ $1 =~ ^[0-9]+$ && -r /proc/$1/cmdline ]] && tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -qF -- "$2"
}

# wait_gone PID TENTHS: waits until the process is gone; false when it is still there after TENTHS/10 s. A
# zombie counts as gone: it has ended, and only its parent can take it away.
wait_gone() {
  local state
  for ((i = 0; i < $2; i++)); do
    state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) || true
    [[ -z $state || $state == Z ]] && return 0
    sleep 0.1
  done
  return 1
}

# apache_kafka: the directory of a real Apache Kafka, or nothing: KAFKA_HOME, then the shared one.
apache_kafka() {
  if [[ -n ${KAFKA_HOME:-} ]]; then
    [[ -x $KAFKA_HOME/bin/kafka || -x $KAFKA_HOME/bin/kafka-server-start.sh ]] ||
      die "KAFKA_HOME=$KAFKA_HOME holds neither bin/kafka nor bin/kafka-server-start.sh"
    (cd "$KAFKA_HOME" && pwd)
  elif [[ -x $shared/kafka/bin/kafka ]]; then
    (cd "$shared/kafka" && pwd)
  fi
}

# fact FILE NAME: the value of a line name=value.
fact() { sed -n "s/^$2=//p" "$1"; }

# start_services DIR: a private broker and a private PostgreSQL below DIR, both at once (the broker takes seconds, the
# cluster one), with their facts in DIR/broker.facts and DIR/pg.facts. As jobs that are waited for, so that a
# signal is served at once and not after them.
start_services() {
  local broker postgres
  "$local_dir/broker" start --dir "$1/broker" >"$1/broker.facts" &
  broker=$!
  "$local_dir/postgres" start --dir "$1/pg" >"$1/pg.facts" &
  postgres=$!
  wait "$broker" || die "no broker"
  wait "$postgres" || die "no database"
}

# end_services DIR: ends both, and whatever else carries the directory in its command line: it is ours by construction,
# for the directory's name is unique. Then removes DIR. Whoever was still starting them must have been waited for.
end_services() {
  local pid broker postgres
  timeout -k 5 60 "$local_dir/broker" stop --dir "$1/broker" --kill >/dev/null &
  broker=$!
  timeout -k 5 60 "$local_dir/postgres" stop --dir "$1/pg" --immediate >/dev/null &
  postgres=$!
  wait "$broker" "$postgres" || true
  for pid in $(pgrep -f -- "$1/" || true); do
    [[ $pid == "$$" ]] || kill -KILL "$pid" 2>/dev/null || true
  done
  rm -rf "${1:?}"
}
