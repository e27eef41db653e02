"""The rules on one action: sections 8 and 9 of the domain notes, from their text."""
import calendar
import datetime

WORST = ["GROEN", "GRIJS", "ORANJE", "ROOD"]
BADNESS = {"GROEN": 0, "ORANJE": 1, "ROOD": 2}
DECISIONS = ("assessment.made", "conflict.ruled")
EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)


def date(text):
    return datetime.date.fromisoformat(text) if text else None


def months_later(day, months):
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


def days_later(day, days):
    return day + datetime.timedelta(days=days)


def within(day, start, end):
    return (not start or date(start) <= day) and (not end or day < date(end))


def order(fact):
    body = fact["body"]
    if body.get("sequence") is not None:
        number = body["sequence"]
    elif body.get("recorded_at_source"):
        moment = datetime.datetime.fromisoformat(body["recorded_at_source"].replace("Z", "+00:00"))
        number = (moment - EPOCH) // datetime.timedelta(microseconds=1)
    else:
        number = 0
    return (body["as_of"], number, fact["identity"].replace("-", ""))


def slot(body):
    kind, item = body["kind"], ""
    if kind == "withdrawal":
        kind, item = body["withdraws"], body.get("item", "")
    elif kind == "risk.reported":
        item = body["risk"]
    elif kind == "conflict.ruled":
        item = body["party"] + " " + body.get("milestone", "")
    else:
        item = body.get("milestone", "")
    return (body["as_of"], body["reporter"], kind, item)


class Action:
    def __init__(self, planned, organisations, promised, settings):
        self.planned, self.organisations, self.promised = planned, organisations, promised
        self.settings = settings
        self.milestones = {m["id"]: m for m in planned["milestones"]}
        self.progress = self.holder_as_of = None
        self.completion_refused = False
        self.said, self.refused, self.risks, self.words, self.conflicts = {}, set(), {}, {}, []

    def exists(self, organisation, day):
        known = self.organisations.get(organisation)
        return known is not None and within(day, known.get("exists_from"), known.get("exists_until"))

    def holder_role(self, day):
        for role in self.planned["roles"]:
            if role["role"] == "ACTIEHOUDER" and within(day, role.get("valid_from"), role.get("valid_until")):
                return role["organisation"]
        return None

    def standing(self, organisation, day):
        if not self.exists(organisation, day):
            return None
        if self.holder_role(day) == organisation:
            return "holder"
        for role in self.planned["roles"]:
            if role["organisation"] == organisation and within(day, role.get("valid_from"), role.get("valid_until")):
                return "other"
        return None

    def place(self, fact):
        """The fact's place among those of its action: day, then who speaks, then its reporter's own order.

        The numbers of two reporters say nothing of each other. So the holder's words of a day come first, then those that may
        contradict them, then the decisions that judge both.
        """
        body = fact["body"]
        if body["kind"] in DECISIONS:
            speaker = 2
        else:
            speaker = 0 if self.holder_role(date(body["as_of"])) == body["reporter"] else 1
        return (body["as_of"], speaker) + order(fact)

    def take(self, body):
        day, kind, who = date(body["as_of"]), body["kind"], body["reporter"]
        if kind == "assessment.made":
            return self.assess(body)
        if kind == "conflict.ruled":
            return self.close(lambda c: c == (body["party"], body.get("milestone")))
        standing = self.standing(who, day)
        if standing is None or kind == "withdrawal":
            return None
        if kind == "milestone.reported" and body["milestone"] not in self.milestones:
            return None
        if standing == "other":
            return self.hear(body)
        # Rule 9: what was promised to Parliament is stopped with reference to a document, or not at all.
        if self.promised and body.get("lifecycle") == "GESTOPT" and not body.get("document"):
            return None
        return self.report(body, day, kind, who)

    def report(self, body, day, kind, who):
        self.holder_as_of = day
        if kind == "progress.reported":
            lifecycle = "AFGEROND_GEMELD" if body["lifecycle"] == "AFGEROND" else body["lifecycle"]
            if lifecycle == "AFGEROND_GEMELD" and self.progress and self.progress["lifecycle"] == "AFGEROND":
                lifecycle = "AFGEROND"
            self.progress = {"lifecycle": lifecycle, "rating": body["rating"], "reasons": body.get("reasons", [])}
            self.completion_refused = False
            ours = BADNESS.get(body["rating"])
            if ours is not None:
                self.close(lambda c: c[1] is None and ours >= BADNESS.get(self.words[c[0]], 0))
        elif kind == "milestone.reported":
            name = body["milestone"]
            before = self.said.get(name, {})
            status = "BEREIKT_GEMELD" if body["status"] == "BEREIKT" else body["status"]
            if status == "BEREIKT_GEMELD" and before.get("status") == "BEREIKT":
                status = "BEREIKT"
            self.said[name] = {"status": status, "due": body.get("current_due") or before.get("due")}
            self.refused.discard(name)
            if status in ("GEPLAND", "VERVALLEN"):
                self.close(lambda c: c[1] == name)
        elif kind == "risk.reported":
            self.risks.pop(body["risk"], None)
            if body["status"] == "OPEN":
                self.risks[body["risk"]] = body["level"]

    def hear(self, body):
        who = body["reporter"]
        if body["kind"] == "progress.reported":
            self.words[who] = body["rating"]
            theirs = BADNESS.get(body["rating"])
            ours = BADNESS.get(self.progress["rating"]) if self.progress else None
            if theirs is not None and ours is not None and theirs > ours and (who, None) not in self.conflicts:
                self.conflicts.append((who, None))
        elif body["kind"] == "milestone.reported" and body["status"] == "GEPLAND":
            stands = self.said.get(body["milestone"], {}).get("status")
            conflict = (who, body["milestone"])
            if stands in ("BEREIKT_GEMELD", "BEREIKT") and conflict not in self.conflicts:
                self.conflicts.append(conflict)

    def close(self, matches):
        self.conflicts = [c for c in self.conflicts if not matches(c)]

    def assess(self, body):
        accepted, name = body["verdict"] == "GEACCEPTEERD", body.get("milestone")
        if name is None:
            if not self.progress or self.progress["lifecycle"] not in ("AFGEROND_GEMELD", "AFGEROND"):
                return
            is_open = any(self.said.get(m, {}).get("status", "GEPLAND") == "GEPLAND" for m in self.milestones)
            if accepted and is_open:
                return
            self.progress["lifecycle"] = "AFGEROND" if accepted else "AFGEROND_GEMELD"
            self.completion_refused = not accepted
            return
        if name not in self.milestones or self.said.get(name, {}).get("status") not in ("BEREIKT_GEMELD", "BEREIKT"):
            return
        self.said[name]["status"] = "BEREIKT" if accepted else "GEPLAND"
        self.refused.discard(name)
        if not accepted:
            self.refused.add(name)

    def status(self, day):
        lifecycle = self.progress["lifecycle"] if self.progress else "ONBEKEND"
        reported = self.progress["rating"] if self.progress else None
        reasons, floor, flags = set(), "GROEN", set()

        def at_least(colour):
            nonlocal floor
            floor = max(floor, colour, key=WORST.index)

        for name, planned in self.milestones.items():
            said = self.said.get(name, {})
            if said.get("status", "GEPLAND") != "GEPLAND":
                continue
            first, latest = date(planned["baseline_due"]), date(said.get("due") or planned["current_due"])
            if day > latest:
                if planned.get("is_critical"):
                    at_least("ROOD")
                    reasons.add("milestone_critical_overdue:" + name)
                elif (day - latest).days > self.settings["long_overdue_days"]:
                    at_least("ROOD")
                    reasons.add("milestone_long_overdue:" + name)
                else:
                    at_least("ORANJE")
                    reasons.add("milestone_overdue:" + name)
            if day > first and latest > first:
                flags.add("HERIJKT")
                reasons.add("milestone_rebaselined:" + name)
        for party, name in self.conflicts:
            flags.add("BETWIST")
            at_least("ORANJE")
            reasons.add("conflict_milestone:" + name if name else "conflict_rating:" + party)
        for risk, level in self.risks.items():
            if level == "HOOG":
                at_least("ORANJE")
                reasons.add("risk_high:" + risk)
        if self.completion_refused:
            reasons.add("completion_refused")
        reasons.update("milestone_refused:" + name for name in self.refused)

        data = self.data_state(day, lifecycle)
        colour = max(reported or "GRIJS", floor, key=WORST.index)
        rating = colour if data == "ACTUEEL" else "GRIJS"
        last_known = "-" if data == "ACTUEEL" or not self.holder_as_of or colour == "GRIJS" else colour
        holder = self.holder_role(day)
        if holder is None or not self.exists(holder, day):
            holder = None
            reasons.add("no_holder")
        if data == "VEROUDERD":
            reasons.add("report_stale")
        elif data == "ONTBREEKT":
            reasons.add("report_missing" if self.holder_as_of else "never_reported")
        if self.progress:
            reasons.update("reported:" + reason for reason in self.progress["reasons"])
            start = date(self.planned.get("planned_start"))
            if lifecycle == "NIET_GESTART" and start and day > start:
                reasons.add("start_overdue")
        elif self.holder_as_of:
            reasons.add("no_progress_report")
        return [lifecycle, rating, reported or "-", data, ",".join(sorted(flags)), ",".join(sorted(reasons)),
                holder or "-", str(self.holder_as_of or "-"), last_known]

    def data_state(self, day, lifecycle):
        if not self.holder_as_of:
            return "ONTBREEKT"
        if lifecycle in ("AFGEROND", "GESTOPT"):
            return "ACTUEEL"
        start, grace = date(self.planned.get("planned_start")), self.settings["grace_days"]
        if lifecycle == "NIET_GESTART" and start and day < days_later(start, grace):
            return "ACTUEEL"
        if day > days_later(months_later(self.holder_as_of, self.settings["missing_after_months"]), grace):
            return "ONTBREEKT"
        if day > days_later(months_later(self.holder_as_of, self.settings["stale_after_months"]), grace):
            return "VEROUDERD"
        return "ACTUEEL"
