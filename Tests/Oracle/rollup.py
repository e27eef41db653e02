"""The roll-up of a set of actions: section 10 of the domain notes, from its text."""
from rules import date

LIFECYCLES = ("NIET_GESTART", "LOOPT", "GEPAUZEERD", "AFGEROND_GEMELD", "AFGEROND", "GESTOPT", "ONBEKEND")
RATINGS = ("GROEN", "ORANJE", "ROOD", "GRIJS")
DATA_STATES = ("ACTUEEL", "VEROUDERD", "ONTBREEKT")


def whole_percent(part, whole):
    return part * 100 // whole if whole else None


def roll_up(members, day, settings):
    """A set of actions, judged together: rules of section 10, in the form of a snapshot."""
    active, critical_red, accepted, counted = [], 0, 0, 0
    for planned, action, status in members:
        lifecycle, rating = status[0], status[1]
        start = date(planned.get("planned_start"))
        if lifecycle == "NIET_GESTART":
            takes_part = start is None or day > start
        else:
            takes_part = lifecycle not in ("AFGEROND", "GESTOPT")
        if takes_part:
            active.append(rating)
            critical_red += rating == "ROOD" and planned.get("is_critical", False)
        for name in action.milestones:
            said = action.said.get(name, {}).get("status", "GEPLAND")
            accepted += said == "BEREIKT"
            counted += said != "VERVALLEN"
    total = len(members)
    statuses = [status for _, _, status in members]

    def number(place, code):
        return sum(1 for status in statuses if status[place] == code)

    if total == 0:
        lifecycle = None
    elif number(0, "AFGEROND") > 0 and number(0, "AFGEROND") + number(0, "GESTOPT") == total:
        lifecycle = "AFGEROND"
    elif number(0, "NIET_GESTART") + number(0, "ONBEKEND") == total:
        lifecycle = "NIET_GESTART"
    else:
        lifecycle = "LOOPT"

    n, red, amber, grey = len(active), active.count("ROOD"), active.count("ORANJE"), active.count("GRIJS")
    reasons = []
    if n == 0:
        rating, reasons = None, ["nothing_active"]
    elif critical_red > 0:
        rating, reasons = "ROOD", ["critical_red"]
    elif grey * 100 > n * settings["grey_majority_percent"]:
        rating, reasons = "GRIJS", ["grey_majority"]
    elif red > 0 and red * 100 >= n * settings["red_share_percent"]:
        rating, reasons = "ROOD", ["red_share"]
    else:
        if amber > 0 and amber * 100 >= n * settings["amber_share_percent"]:
            reasons.append("amber_share")
        if grey > 0 and grey * 100 >= n * settings["grey_share_percent"]:
            reasons.append("grey_share")
        if red > 0:
            reasons.append("red_present")
        rating = "ORANJE" if reasons else "GROEN"

    current = number(3, "ACTUEEL")
    return {
        "lifecycle": lifecycle, "rating": rating, "reasons": reasons,
        "coverage_percent": whole_percent(current, total), "percent_complete": whole_percent(accepted, counted),
        "counts": {
            "total": total, "active": n,
            "lifecycle": {code: number(0, code) for code in LIFECYCLES},
            "rating": {code: number(1, code) for code in RATINGS},
            "active_rating": {code: active.count(code) for code in RATINGS}, "critical_red": critical_red,
            "data_state": {code: number(3, code) for code in DATA_STATES},
            "disputed": sum(1 for s in statuses if "BETWIST" in s[4]),
            "rebaselined": sum(1 for s in statuses if "HERIJKT" in s[4]),
            "covered": current, "milestones_accepted": accepted, "milestones_counted": counted}}


def roll_ups(plan, answers, day):
    """The programme, its goals and its lines, each from the distinct actions that belong to it."""
    belongs = [("programme", lambda a: True)]
    belongs += [("goal/" + g["id"], lambda a, g=g["id"]: g in a["goals"]) for g in plan["goals"]]
    belongs += [("line/" + l["id"], lambda a, l=l["id"]: a["line"] == l) for l in plan["lines"]]
    for subject, holds in belongs:
        members = [a for a in answers if holds(a[0])]
        ours = [a for a in members if a[0]["policy_type"] in ("plan", "motion_follow_up")]
        apart = [a for a in members if a[0]["policy_type"] in ("standing_policy", "legislation", "regional")]
        yield {"subject": subject, **roll_up(ours, day, plan["rules"]),
               "apart": roll_up(apart, day, plan["rules"])}
