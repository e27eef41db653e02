"""The programme's rules a second time: from the text of the rules, naively, on the exported journal.

Reads JSON from standard input:

    {"plans": [{"commit": 2, "plan": {…}}], "facts": [{"commit": 3, "identity": "…", "body": {…}}],
     "pairs": [{"valid_on": "2026-06-30", "commit": 40}], "rollups": true,
     "rounds": [{"round": "round-2026-1", "as_of": "2026-05-31", "commit": 38}]}

and writes, for each pair and action, one line with what was true on that day as known at that commit; where they are
asked for, the roll-ups behind them, and every vintage of every figure at the last pair's commit; and for each round every roll-up, with all that its snapshot has. Nothing is kept
between days: each answer is computed from all facts again. It shares no code and no query with Paraplu. The rules
themselves are in rules.py, rollup.py and figures.py.
"""
import json
import sys

from figures import figures
from rollup import roll_ups
from rules import Action, date, slot


def plan_at(journal, commit):
    return [p for p in journal["plans"] if p["commit"] <= commit][-1]["plan"]


def actions_at(journal, plan, valid_on, commit):
    """Every action of the plan with what was said of it up to that day, as known at that commit."""
    organisations = {o["id"]: o for o in plan["organisations"]}
    promised = {c["link"] for c in plan["commitments"]}
    day = date(valid_on)
    for planned in sorted(plan["actions"], key=lambda a: a["id"]):
        facts = [f for f in journal["facts"] if f["commit"] <= commit and f["body"].get("action") == planned["id"]
                 and date(f["body"]["as_of"]) <= day]
        action = Action(planned, organisations, "action/" + planned["id"] in promised, plan["rules"])
        facts.sort(key=action.place)
        last = {slot(f["body"]): f for f in facts}
        for fact in facts:
            if last[slot(fact["body"])] is fact:
                action.take(fact["body"])
        yield planned, action, action.status(day)


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def without_milestones(counts):
    return {k: v for k, v in counts.items() if not k.startswith("milestones")}


def short(rolled):
    known = [rolled["subject"], rolled["lifecycle"], rolled["rating"], rolled["coverage_percent"]]
    apart = {**rolled["apart"], "percent_complete": None, "counts": without_milestones(rolled["apart"]["counts"])}
    return (["-" if value is None else str(value) for value in known]
            + [",".join(rolled["reasons"]), compact(without_milestones(rolled["counts"])), compact(apart)])


def main():
    journal = json.load(sys.stdin)
    for pair in journal["pairs"]:
        valid_on, commit = pair["valid_on"], pair["commit"]
        plan = plan_at(journal, commit)
        answers = list(actions_at(journal, plan, valid_on, commit))
        lines = [[planned["id"]] + status for planned, _, status in answers]
        if journal.get("rollups"):
            lines += [short(rolled) for rolled in roll_ups(plan, answers, date(valid_on))]
        for line in lines:
            print("|".join([valid_on, str(commit)] + line))
    if journal.get("rollups"):
        commit = journal["pairs"][-1]["commit"]
        for line in figures(plan_at(journal, commit), [f for f in journal["facts"] if f["commit"] <= commit]):
            print("|".join(line))
    for asked in journal.get("rounds") or []:
        plan = plan_at(journal, asked["commit"])
        answers = list(actions_at(journal, plan, asked["as_of"], asked["commit"]))
        for rolled in roll_ups(plan, answers, date(asked["as_of"])):
            print(asked["round"] + "|" + compact(rolled))


main()
