# shellcheck shell=bash disable=SC2154,SC2034
# The figures that CoMensha and the Nationaal Rapporteur publish; part of ops/demo/messages.
#
# Those of public reports are as they were published, with what makes them hard to read: a restatement, two counts of one
# year, parts that do not add up, reports that are not persons. The small ones are invented.

# figure_comensha AS_OF PERIOD INDICATOR UNIT STAGE MEMBERS: one message in the canonical form; outcome and code as in emit.
figure_comensha() {
  number 'cm-%03d'
  oin 114
  key='' headers='content-type=application/cloudevents+json' action=$3
  value='{"specversion":"1.0","id":"'$id'","source":"'$REPLY':systeem:cijfers","type":"nl.paraplu.indicator.observed.v1"'
  value+=',"time":"'$1'T09:00:00Z","data":{"indicator":"'$3'","unit":"'$4'","period":"'$2'","as_of":"'$1'","stage":"'$5'",'$6'}}'
  emit $((${#lines[@]} * 1000)) "${@:7}"
}

# part DIMENSION CATEGORY VALUE: one part, with a comma behind.
part() { printf '{"dimension":"%s","category":"%s","value":%s},' "$@"; }

figures_comensha() {
  feed=comensha/cijfers
  figure_comensha 2020-09-15 2019 ind-slachtoffers-comensha persons definitive '"value":1372' applied
  figure_comensha 2021-09-14 2020 ind-slachtoffers-comensha persons definitive '"value":1013' applied
  figure_comensha 2025-10-18 2024 ind-slachtoffers-comensha persons definitive '"value":944' applied
  # The later word comes first: the order of the vintages is the source's.
  figure_comensha 2021-09-21 2020 ind-aanmeld-politie persons restated '"value":490' applied
  figure_comensha 2021-05-19 2020 ind-aanmeld-politie persons provisional '"value":481' applied
  local parts
  parts=$(part organisatie org-politie 329; part organisatie org-zorgco 301; part organisatie org-fairwork 257
    part organisatie org-kmar 67; part organisatie org-nla 71)
  figure_comensha 2025-10-18 2024 ind-aanmeldingen reports definitive '"flag":"X","parts":['"${parts%,}"']' applied
  # Invented: a form with three persons takes the smallest other one with it.
  parts=$(part uitbuitingsvorm uv-sex 500; part uitbuitingsvorm uv-arb 340; part uitbuitingsvorm uv-cri 25
    part uitbuitingsvorm uv-org 3)
  figure_comensha 2024-10-18 2023 ind-slachtoffers-comensha persons definitive '"value":868,"parts":['"${parts%,}"']' applied
  figure_comensha 2025-10-18 2025 ind-slachtoffers-comensha persons definitive '"value":-1' rejected range
  figure_comensha 2025-10-18 2025 ind-slachtoffers-comensha persons definitive '"value":10.5' rejected type
}

# figure_nrm INDICATOR PERIOD VALUE [FORM]: one item, with a comma behind.
figure_nrm() {
  printf '{"indicator":"%s","periode":"%s","eenheid":"personen","uitsplitsing":"%s","status":"definitief","aantal":%s%s},' \
    "$1" "$2" "$([[ -n ${4:-} ]] && echo vorm || echo totaal)" "$3" "${4:+,\"vorm\":\"$4\"}"
}

# publication DATE ITEMS: the message at hand, of the Rapporteur.
publication() {
  number 'NR-%03d'
  key='' headers='' action=ind-slachtoffers-nrm
  value='{"versie":"1","publicatie":{"kenmerk":"'$id'","datum":"'$1'"},"cijfers":['${2%,}']}'
}

figures_nrm() {
  feed=nrm/cijfers
  # What another says of CoMensha's indicator is a secondary series.
  publication 18-10-2021 "$(figure_nrm ind-slachtoffers-nrm 2020 984; figure_nrm ind-slachtoffers-comensha 2020 984)"
  emit 1000 applied
  publication 18-10-2023 "$(figure_nrm ind-minderjarig 2019-2023 373; figure_nrm ind-minderjarig 2019-2023 231 SEX
    figure_nrm ind-minderjarig 2019-2023 18 ARB; figure_nrm ind-minderjarig 2019-2023 83 CRI
    figure_nrm ind-minderjarig 2019-2023 45 ONB)"
  emit 2000 applied
  publication 18-10-2025 "$(figure_nrm ind-minderjarig 2024 79; figure_nrm ind-minderjarig-cri 2024 42)"
  emit 3000 applied
  publication 18-10-2025 "$(figure_nrm ind-minderjarig 2024 20 XYZ)"
  emit 4000 rejected unknown_code
}

# expected_figures: indicator, period, part, series, vintage, and the figure or the flag that says why there is none.
expected_figures() {
  tr ' ' '\t' <<'FIGURES'
ind-aanmeld-politie 2020 - authoritative 1 481
ind-aanmeld-politie 2020 - authoritative 2 490
ind-aanmeldingen 2024 - authoritative 1 X
ind-aanmeldingen 2024 org-fairwork authoritative 1 257
ind-aanmeldingen 2024 org-kmar authoritative 1 67
ind-aanmeldingen 2024 org-nla authoritative 1 71
ind-aanmeldingen 2024 org-politie authoritative 1 329
ind-aanmeldingen 2024 org-zorgco authoritative 1 301
ind-minderjarig 2019-2023 - authoritative 1 373
ind-minderjarig 2019-2023 uv-arb authoritative 1 18
ind-minderjarig 2019-2023 uv-cri authoritative 1 83
ind-minderjarig 2019-2023 uv-onb authoritative 1 45
ind-minderjarig 2019-2023 uv-sex authoritative 1 231
ind-minderjarig 2024 - authoritative 1 79
ind-minderjarig-cri 2024 - authoritative 1 42
ind-slachtoffers-comensha 2019 - authoritative 1 1372
ind-slachtoffers-comensha 2020 - authoritative 1 1013
ind-slachtoffers-comensha 2020 - secondary 1 984
ind-slachtoffers-comensha 2023 - authoritative 1 868
ind-slachtoffers-comensha 2023 uv-arb authoritative 1 340
ind-slachtoffers-comensha 2023 uv-cri authoritative 1 S2
ind-slachtoffers-comensha 2023 uv-org authoritative 1 S1
ind-slachtoffers-comensha 2023 uv-sex authoritative 1 500
ind-slachtoffers-comensha 2024 - authoritative 1 944
ind-slachtoffers-nrm 2020 - authoritative 1 984
FIGURES
}

# expected_notes: what is to be known before the figures are read.
expected_notes() {
  tr ' ' '\t' <<'NOTES'
figure_not_additive ind-minderjarig 2019-2023 373 377
figure_restated ind-aanmeld-politie 2020 490 481
figure_suppressed ind-slachtoffers-comensha 2023 - -
figure_suppressed ind-slachtoffers-comensha 2023 - -
figure_two_counts ind-slachtoffers-comensha 2020 1013 984
reports_not_persons ind-aanmeldingen 2024 1025 -
NOTES
}
