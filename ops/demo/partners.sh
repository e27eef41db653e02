# shellcheck shell=bash disable=SC2154,SC2034
# How each partner writes a report, and what it reports in half a year; part of ops/demo/messages.
#
# build_<partner> makes key, value and headers of the report at hand (action, as_of, sequence, lifecycle, rating,
# reasons, id), with what may be wrong: source, type, note, and extra members (as JSON, with a comma behind).
# half_year_<partner> sends six rounds of reports and then the partner's faults.

oin() { REPLY="urn:nld:oin:00000099000000${1}000"; }

declare -A words=(
  [jenv:NIET_GESTART]="nog niet begonnen" [jenv:LOOPT]="in uitvoering" [jenv:GEPAUZEERD]="stilgelegd"
  [jenv:AFGEROND_GEMELD]="gereed gemeld" [jenv:GROEN]="op schema" [jenv:ORANJE]="aandacht nodig"
  [jenv:ROOD]="achter op schema" [jenv:GRIJS]="geen oordeel" [jenv:CAPACITEIT]="te weinig mensen"
  [jenv:FINANCIERING]="te weinig geld" [jenv:WETGEVING]="wet nog niet klaar" [jenv:SAMENWERKING]="partners"
  [jenv:GEGEVENSDELING]="gegevens delen" [jenv:OVERIG]="anders"
  [szw:NIET_GESTART]=0 [szw:LOOPT]=1 [szw:GEPAUZEERD]=2 [szw:AFGEROND_GEMELD]=3 [szw:GROEN]=G [szw:ORANJE]=O
  [szw:ROOD]=R [szw:GRIJS]=W [szw:CAPACITEIT]=CAP [szw:FINANCIERING]=FIN [szw:WETGEVING]=WET
  [szw:SAMENWERKING]=SAM [szw:GEGEVENSDELING]=ICT [szw:OVERIG]=OVG
  [vws:NIET_GESTART]=not_started [vws:LOOPT]=ongoing [vws:GEPAUZEERD]=paused [vws:AFGEROND_GEMELD]="done"
  [vws:GROEN]=green [vws:ORANJE]=amber [vws:ROOD]=red [vws:GRIJS]=none [vws:CAPACITEIT]=staff
  [vws:FINANCIERING]=money [vws:WETGEVING]=law [vws:SAMENWERKING]=partners [vws:GEGEVENSDELING]=data
  [vws:OVERIG]=other
  [politie:NIET_GESTART]=voorbereiding [politie:LOOPT]=bezig [politie:AFGEROND_GEMELD]=gereed [politie:GROEN]=goed
  [politie:ORANJE]=matig [politie:ROOD]=slecht [politie:GRIJS]=onbeoordeeld
  [comensha:NIET_GESTART]="niet gestart" [comensha:LOOPT]=loopt [comensha:GEPAUZEERD]=pauze
  [comensha:AFGEROND_GEMELD]=afgerond [comensha:GROEN]=1 [comensha:ORANJE]=2 [comensha:ROOD]=3 [comensha:GRIJS]=0
  [comensha:CAPACITEIT]=capaciteit [comensha:FINANCIERING]=financiering [comensha:WETGEVING]=wetgeving
  [comensha:SAMENWERKING]=samenwerking [comensha:GEGEVENSDELING]=gegevensdeling [comensha:OVERIG]=overig
)

# their CODE: sets REPLY to the partner's own word. their_reasons: to the JSON list of them.
their() { REPLY=${words[$partner:$1]:-$1}; }
their_reasons() {
  local list='' code
  for code in "${reasons[@]+"${reasons[@]}"}"; do
    their "$code"
    list+=${list:+,}\"$REPLY\"
  done
  REPLY="[$list]"
}

build_jenv() {
  local life rate why from
  their "$lifecycle"; life=$REPLY
  their "$rating"; rate=$REPLY
  their_reasons; why=$REPLY
  oin 101; from=${source:-$REPLY:systeem:voortgangsregister}
  key=$action headers='content-type=application/cloudevents+json; charset=UTF-8'
  value='{"specversion":"1.0","id":"'$id'","source":"'$from'","type":"'${type:-nl.jenv.acties.voortgang-gemeld.v1}'"'
  value+=',"time":"'${established[$as_of]:-$as_of}'T08:15:00Z","datacontenttype":"application/json","partitionkey":"'$action'"'
  value+=',"data":{'$extra'"actie":"'$action'","peildatum":"'$as_of'","volgnummer":'$sequence',"voortgang":"'$life'"'
  value+=',"oordeel":"'$rate'","oorzaken":'$why',"toelichting":"'${note:-Zie de voortgangsbrief.}'"}}'
}

build_szw() {
  local life rate why from
  their "$lifecycle"; life=$REPLY
  their "$rating"; rate=$REPLY
  their_reasons; why=$REPLY
  oin 102; from=${source:-$REPLY:systeem:planning}
  key=''
  printf -v headers '%s\x1e' ce_specversion=1.0 "ce_id=$id" "ce_source=$from" \
    "ce_type=${type:-nl.szw.actieplannen.rapportage-vastgesteld.v2}" "ce_time=${established[$as_of]}T10:00:00+02:00" \
    "ce_sequence=$(printf %010d "$sequence")" content-type=application/json
  headers+=${note:+x-contact=$note}
  value='{"melder":{"oin":"00000099000000102000"},"actie":{"programmacode":"'$action'"},"meting":{'$extra'"datum":"'${as_of//-/}'"'
  value+=',"vastgesteldOp":"'${established[$as_of]}'T16:45:10.25+02:00","stand":{"fase":"'$life'","stoplicht":"'$rate'","gronden":'$why'}}}'
}

build_vws() {
  local life rate why
  their "$lifecycle"; life=$REPLY
  their "$rating"; rate=$REPLY
  their_reasons; why=$REPLY
  key=$action headers=''
  value='{"schema_version":"'${type:-1.1}'","message_id":"'$id'","created_at":"'${established[$as_of]}'T09:00:00+02:00"'
  value+=','$extra'"action_code":"'$action'","reference_date":"'${as_of:8:2}-${as_of:5:2}-${as_of:0:4}'","revision":'$sequence
  value+=',"progress":"'$life'","rag":"'$rate'","causes":'$why${note:+,\"remark\":\"$note\"}'}'
}

# The police send one message with many items, as JSON, in `extra`.
build_politie() {
  oin 108
  key='' headers=''
  value='{"bijdrage":{"nummer":"'$id'","herkomst":"'${source:-$REPLY}'","peildatum":"'$as_of'","versie":'$sequence
  value+=',"opgesteld":"'${established[$as_of]}'T12:00:00Z","eenheid":"landelijk"},"onderdelen":['${extra%,}']}'
}

# item_politie: adds the report at hand to `extra`.
item_politie() {
  local life rate list='' code
  their "$lifecycle"; life=$REPLY
  their "$rating"; rate=$REPLY
  for code in "${reasons[@]+"${reasons[@]}"}"; do list+=${list:+,}\"$code\"; done
  extra+='{"soort":"actie","actie":"'$action'","stand":"'$life'","oordeel":"'$rate'"'${list:+,\"redenen\":[$list]}'},'
}

build_comensha() {
  local life rate code list=''
  their "$lifecycle"; life=$REPLY
  their "$rating"; rate=$REPLY
  for code in "${reasons[@]+"${reasons[@]}"}"; do
    their "$code"
    list+="${list:+; }$REPLY"
  done
  key='' headers=''
  value='{"rapport":{"kenmerk":"'$id'","vastgesteld":"'${established[$as_of]}'T11:30:00+02:00","periode":{"peildatum":"'$as_of'"}'
  value+=',"onderwerp":{"plan":{"actie":{"id":"'$action'","oordeel":{'$extra'"toestand":"'$life'","score":'$rate
  value+=${list:+,\"knelpunten\":\"$list\"}${note:+,\"motivering\":\"$note\"}'}}}},"opmaak":{"sjabloon":4}}}'
}

# BZ sends the canonical form, in binary and in structured mode by turns.
build_bz() {
  local list='' code data from
  for code in "${reasons[@]+"${reasons[@]}"}"; do list+=${list:+,}\"$code\"; done
  data='{'$extra'"action":"'$action'","as_of":"'$as_of'","sequence":'$sequence',"lifecycle":"'$lifecycle'","rating":"'$rating'","reasons":['$list']}'
  oin 104; from=${source:-$REPLY:systeem:dossier}
  key=''
  if ((sequence / 10 % 2)); then
    printf -v headers '%s\x1e' ce_specversion=1.0 "ce_id=$id" "ce_source=$from" \
      "ce_type=${type:-nl.paraplu.progress.reported.v1}" "ce_time=${established[$as_of]}T08:15:00Z" content-type=application/json
    headers=${headers%$'\x1e'} value=$data
  else
    headers='content-type=application/cloudevents+json; charset=UTF-8'
    value='{"specversion":"1.0","id":"'$id'","source":"'$from'","type":"'${type:-nl.paraplu.progress.reported.v1}'"'
    value+=',"time":"'${established[$as_of]}'T08:15:00Z","data":'$data'}'
  fi
}

# rounds PERCENT ID_FORMAT ACTION...: six rounds in which each action is reported on with that chance.
rounds() {
  local percent=$1 format=$2 round
  shift 2
  for round in 1 2 3 4 5 6; do
    for action in "$@"; do
      ((RANDOM % 100 < percent)) || continue
      begin "$action" "${days[round]}" $((round * 10 + 5))
      number "$format"
      invent "$round"
      "build_$partner"
      emit $((${#lines[@]} * 1000)) applied
      says "org-$partner" "$action" "$as_of" "$([[ $partner == comensha ]] && echo 0 || echo "$sequence")" "$lifecycle" "$rating"
      remember
    done
  done
  good=${#lines[@]}
}

half_year_jenv() {
  feed=jenv/voortgang
  # shellcheck disable=SC2086
  rounds 70 'jenv-%04d' ${holds[org-jenv]}
  faults duplicate id_reused stale late correction unknown_field personal_data source_mismatch reason_required \
    ambiguous decode tombstone key invalid_date unknown_code version too_early never_known
  # Two milestones: one reached, one moved.
  milestone act-3-03 act-3-03-m3 '"stand":"gehaald","gehaaldOp":"'"${days[2]}"'"'
  milestone ill-5-08 ill-5-08-m2 '"stand":"gepland","nieuweEinddatum":"'"$(date -u -d "$until + 120 days" +%F)"'"'
}

# milestone ACTION MILESTONE MEMBERS: JenV's word on a milestone, at the end.
milestone() {
  begin "$1" "$until" 90
  number 'jenv-%04d'
  lifecycle=LOOPT rating=GROEN reasons=() type=nl.jenv.acties.mijlpaal-gemeld.v1
  build_jenv
  value=${value%%,\"data\":*}',"data":{"actie":"'$1'","mijlpaal":"'$2'","peildatum":"'$until'","volgnummer":90,'$3'}}'
  emit 900000000 applied
  touches org-jenv "$1" "$until"
}

half_year_szw() {
  feed=szw/actieplan
  # act-5-03 is another's: SZW's word is an observation beside the holder's.
  # shellcheck disable=SC2086
  rounds 75 'szw-%04d' ${holds[org-szw]} act-5-03
  faults duplicate id_reused stale correction authority source_mismatch reason_required decode tombstone contact
}

half_year_vws() {
  feed=vws/voortgangsmelding
  # shellcheck disable=SC2086
  rounds 55 'vws-%04d' ${holds[org-vws]}
  faults duplicate id_reused stale late unknown_field personal_data wrong_key invalid_date version decode
  local i
  for ((i = 0; i < burst; i++)); do
    again 0
    number 'vws-%04d'
    build_vws
    value=${value:0:60}
    emit 800000000 rejected decode
  done
}

half_year_politie() {
  feed=politie/bijdrage
  local round chosen known=()
  for round in 1 2 3 4 5 6; do
    begin act-2-02 "${days[round]}" $((round * 10 + 5))
    number 'NP-%02d'
    # act-4-04 is another's (an observation); on act-3-01 the police have no role.
    chosen=(act-2-02 act-4-04)
    ((RANDOM % 2)) && chosen+=(ill-2-07)
    ((RANDOM % 2)) && chosen+=(act-4-05)
    ((round == 4)) && chosen+=(act-3-01)
    for action in "${chosen[@]}"; do
      invent "$round"
      [[ $lifecycle != GEPAUZEERD ]] || lifecycle=LOOPT
      item_politie
      says org-politie "$action" "$as_of" "$sequence" "$lifecycle" "$rating"
    done
    extra+='{"soort":"mededeling","tekst":"De norm van 220 geldt voor 2023-2026."},'
    build_politie
    action=act-2-02
    if ((round == 4)); then emit $((${#lines[@]} * 1000)) without_effect; else emit $((${#lines[@]} * 1000)) applied; fi
    known+=("$as_of"$'\x1f'"$sequence"$'\x1f'"$extra"$'\x1f'"$id")
  done
  good=${#lines[@]}
  faults_politie
}

half_year_comensha() {
  feed=comensha/bijdrage
  # act-1-03 is another's: an observation.
  # shellcheck disable=SC2086
  rounds 60 '3f0c8b9e-1234-4321-8765-%012x' ${holds[org-comensha]} act-1-03
  faults duplicate same_record unknown_field personal_data reason_required
}

half_year_bz() {
  feed=bz/canoniek
  # ill-5-08 is another's: an observation.
  # shellcheck disable=SC2086
  rounds 90 'bz-%03d' ${holds[org-bz]} ill-5-08
  faults duplicate stale not_theirs_to_set source_mismatch not_supported ambiguous
}
