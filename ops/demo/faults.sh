# shellcheck shell=bash disable=SC2154,SC2034
# What goes wrong with messages, and what must become of each; part of ops/demo/messages.
#
# Each fault varies one of the feed's good reports and goes out somewhere after it.

# An invented number that passes the elfproef; it must not be found again anywhere.
invented_bsn=999990342

# faults NAME...: each once, at a seeded report and place.
faults() {
  local name i left=("${!bases[@]}")
  for name in "$@"; do
    # A report is varied once, so that no two faults meet on one action and day.
    i=$((RANDOM % ${#left[@]}))
    again "${left[i]}"
    left[i]=${left[-1]}
    unset 'left[-1]'
    somewhere_after "$at"
    "fault_$name"
  done
}

# anew: the message gets an id and a sequence of its own, so that it repeats nothing.
anew() {
  case $partner in
    jenv | szw | vws) number "$partner-%04d" ;;
    comensha) number '3f0c8b9e-1234-4321-8765-%012x' ;;
    bz) number 'bz-%03d' ;;
  esac
  sequence=$((sequence + 1))
}

# refused CODE: built as it is at hand, and refused for that.
refused() {
  anew
  "build_$partner"
  emit "$place" rejected "$1"
}

# --- repeats and order ---

fault_duplicate() {
  "build_$partner"
  emit "$place" duplicate
}

# The same id with other contents: the first one stands.
fault_id_reused() {
  sequence=$((sequence + 2)) lifecycle=LOOPT rating=ROOD
  reason
  "build_$partner"
  emit "$place" rejected id_reused
}

# Without an id, the same reporter, action and day is the same record: it may not say something else.
fault_same_record() {
  if [[ $rating == ROOD ]]; then rating=GROEN reasons=(); else rating=ROOD; reason; fi
  "build_$partner"
  emit "$place" rejected id_reused
}

# An older revision of the same day after a newer one.
fault_stale() {
  anew
  sequence=$((sequence - 4)) lifecycle=LOOPT rating=ROOD
  reason
  "build_$partner"
  emit "$place" stale
}

# A report of an earlier day arrives after later ones: it changes the past, not the present.
fault_late() {
  anew
  as_of=${days[0]} sequence=5
  invent 1
  "build_$partner"
  emit "$place" applied
  says "org-$partner" "$action" "$as_of" "$sequence" "$lifecycle" "$rating"
}

# A newer revision of the same day: the last word counts.
fault_correction() {
  anew
  sequence=$((sequence + 2)) lifecycle=LOOPT rating=ORANJE
  reason
  "build_$partner"
  emit "$place" applied
  says "org-$partner" "$action" "$as_of" "$sequence" "$lifecycle" "$rating"
}

# --- contents ---

fault_unknown_field() {
  case $partner in
    jenv) extra='"contactpersoon":"afdeling",' ;;
    vws) extra='"handled_by":"afdeling",' ;;
    comensha) extra='"steller":"afdeling",' ;;
  esac
  refused unknown_field
}

fault_personal_data() {
  note="Betreft nummer $invented_bsn."
  refused personal_data
}

# In a header, not in the value.
fault_contact() {
  note='bel 06-12345678'
  refused personal_data
}

fault_source_mismatch() {
  oin 103
  source=$REPLY:systeem:iets-anders
  refused source_mismatch
}

# Refused, and sent again with the reason under the same id: what was refused occupies nothing.
fault_reason_required() {
  case $partner in comensha) as_of=${days[0]} ;; esac
  rating=ORANJE lifecycle=LOOPT reasons=()
  refused reason_required
  reason
  "build_$partner"
  slot=$((slot + 1))
  emit $((place + 900)) applied
  says "org-$partner" "$action" "$as_of" "$([[ $partner == comensha ]] && echo 0 || echo "$sequence")" "$lifecycle" "$rating"
}

fault_ambiguous() {
  case $partner in
    jenv) extra='"percentageGereed":10,"percentageGereed":90,' ;;
    bz) extra='"rating":"GROEN",' ;;
  esac
  refused ambiguous
}

fault_decode() {
  anew
  "build_$partner"
  value=${value:0:${#value} - 25}
  emit "$place" rejected decode
}

fault_tombstone() {
  anew
  "build_$partner"
  value=''
  emit "$place" rejected tombstone
}

fault_key() {
  anew
  "build_$partner"
  key=''
  emit "$place" rejected key
}

fault_wrong_key() {
  anew
  "build_$partner"
  key=act-9-98
  emit "$place" rejected key
}

fault_invalid_date() {
  anew
  "build_$partner"
  case $partner in
    jenv) value=${value/\"peildatum\":\"$as_of\"/\"peildatum\":\"2026-02-30\"} ;;
    vws) value=${value/\"reference_date\":\"??-??-????\"/\"reference_date\":\"$as_of\"} ;;
  esac
  emit "$place" rejected invalid_date
}

fault_unknown_code() {
  lifecycle="bijna klaar"
  refused unknown_code
}

fault_version() {
  case $partner in
    jenv) type=nl.jenv.acties.voortgang-gemeld.v2 ;;
    vws) type=2.0 ;;
  esac
  refused version
}

# An action that isn't this feed's to report on.
fault_authority() {
  action=act-1-01
  refused authority
}

# Complete is the programme office's to say.
fault_not_theirs_to_set() {
  lifecycle=AFGEROND rating=GROEN reasons=()
  refused unknown_code
}

fault_not_supported() {
  type=nl.paraplu.plan.published.v1
  refused kind_not_supported
}

# --- references ---

# An action that the next plan version brings: parked, and then applied.
fault_too_early() {
  anew
  action=ill-2-09
  lifecycle=LOOPT rating=GROEN reasons=()
  "build_$partner"
  emit "$place" parked
  count receipts "$partner"$'\t'resolved
  says "org-$partner" "$action" "$as_of" "$sequence" "$lifecycle" "$rating"
}

# An action that no plan has: parked, and blocks nobody.
fault_never_known() {
  anew
  action=act-9-99
  "build_$partner"
  emit "$place" parked
}

# --- the police, whose message holds many items ---

faults_politie() {
  local one fault
  for fault in duplicate partial bad_item stranger source; do
    one=$((RANDOM % good))
    [[ $fault != partial ]] || while ((one == 3)); do one=$((RANDOM % good)); done
    IFS=$'\x1f' read -r as_of sequence extra id <<<"${known[one]}"
    source='' note='' type='' action=act-2-02
    somewhere_after "$one"
    [[ $fault == duplicate ]] || number 'NP-%02d'
    case $fault in
      # One bad item refuses the message whole, the good ones beside it too.
      bad_item) extra+='{"soort":"actie","actie":"ill-2-07","stand":"bezig","oordeel":"matig","redenen":["GEEN_ZIN"]},' ;;
      # What is known is skipped, what is new is applied.
      partial) extra+='{"soort":"mijlpaal","actie":"ill-2-07","mijlpaal":"ill-2-07-m1","stand":"behaald","behaaldOp":"'$as_of'"},' ;;
      # One unknown action parks the message whole.
      stranger) extra='{"soort":"actie","actie":"act-9-99","stand":"bezig","oordeel":"goed"},' ;;
      source) oin 103; source=$REPLY; sequence=$((sequence + 1)) ;;
    esac
    build_politie
    case $fault in
      duplicate) emit "$place" duplicate ;;
      bad_item) emit "$place" rejected unknown_code ;;
      partial)
        emit "$place" applied
        touches org-politie ill-2-07 "$as_of" ;;
      stranger) emit "$place" parked ;;
      source) emit "$place" rejected source_mismatch ;;
    esac
  done
}
