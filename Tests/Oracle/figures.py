"""Figures of indicators: section 11 of the domain notes, from its text; without what is suppressed."""
from rules import date, order, within


def figures(plan, facts):
    """Every vintage of every figure that takes part, in order: whose it is, which word, and whether it is the last."""
    indicators = {i["id"]: i for i in plan.get("indicators", [])}
    organisations = {o["id"]: o for o in plan["organisations"]}
    words = {}
    for fact in sorted(facts, key=order):
        body = fact["body"]
        indicator = indicators.get(body.get("indicator"))
        reporter = organisations.get(body["reporter"])
        if indicator is None or body["unit"] != indicator["unit"]:
            continue
        if reporter is None or not within(date(body["as_of"]), reporter.get("exists_from"), reporter.get("exists_until")):
            continue
        source = indicator.get("source")
        series = "part" if source is None else "authoritative" if source == body["reporter"] else "secondary"
        words.setdefault((body["indicator"], body["period"], series, body["reporter"]), []).append(body)
    for key in sorted(words):
        for number, body in enumerate(words[key], 1):
            last = "latest" if number == len(words[key]) else "superseded"
            yield list(key) + [str(number), last, str(body.get("value", body["flag"])), body["stage"], body["as_of"]]
