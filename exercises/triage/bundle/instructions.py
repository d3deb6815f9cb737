"""What every evaluator and every app that keeps the bundle must hold to."""

from exercises.triage.bundle.wire import SafetyInstruction

INSTRUCTIONS = {
    "unknown_is_new": "An attribute that is absent, of the wrong type, out of bounds or not among "
    "its words is unknown. Where a test counts the unknown, what nobody denied is taken for new: "
    "never fill in a harmless answer that the patient did not give.",
    "values": "true and false are JSON booleans. A number is a JSON number (IEEE 754 double), or a "
    "text that is one in the ASCII digits of JSON or with a sign, without `blanks` at its ends and "
    "no longer than `max_number_length`, and no larger than `largest_number`; an integer has no "
    "fraction. A date is YYYY-MM-DD, an instant RFC 3339. What is written otherwise is unknown. "
    "Free text says nothing to the rules. An unknown symptom code is ignored.",
    "every_report": "Judge every report of the record, whatever its age, by every rule. One rule "
    "and one report make one finding, whose level is that of the rule.",
    "order": "Symptoms are ordered by occurred_at, then received_at, then the id of the report, "
    "then their place in it (symptoms, then answered_no), then the code. Ids compare as text.",
    "missing_reports": "If `reported` or `pain` finds nothing and the record may lack reports from "
    "the time that was searched, it is undecided. It may: symptoms_since (for `pain`, pains_since) "
    "is given and is less than `within` before the judged symptom, for a constant in days one more "
    "day. The symptom then counts as having happened as many days before occurred_at as its day "
    "lies before its report's local date.",
    "one_message": "A finding counts if it is active, or from urgent_same_day on. The patient "
    "sees one message: of the findings that count the one of the highest level, among these the "
    "first rule by name. Show every title of the others on request.",
    "before_any_network": "Judge a report when it is made and show an emergency screen before "
    "trying to send anything. Then send it first; the server judges again, and its answer adds "
    "to what the phone found and never takes an emergency screen away.",
    "no_all_clear": "No finding is no all-clear: say only that the report was noted. Show nothing "
    "reassuring beside a red flag.",
    "retracted": "A red flag is withdrawn only by a confirmed 'I have none of these', and closed "
    "only by a clinician.",
    "numbers": "Use the country that the patient named. Where it is not listed use the default. "
    "If the phone knows that it is in another country, say so beside the number.",
    "keep": "Keep the last bundle whose test vectors the evaluator passes. Ask for a new one with "
    "If-None-Match whenever there is a network.",
    "server_decides_more": "Trends of pain over weeks and the patient's history by itself are "
    "judged by the server alone.",
}


def instructions() -> list[SafetyInstruction]:
    """In the order in which a developer meets them."""
    return [SafetyInstruction(code=code, text=text) for code, text in INSTRUCTIONS.items()]
