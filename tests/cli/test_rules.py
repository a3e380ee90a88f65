#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules on real dumps and on edited facts.

Usage: test_rules.py PANICTRAIL FIXTURES CASES [RULE...]

CASES/PT101.json holds cases of one rule:

  {"rule": "PT101", "cases": [
    {"from": "good-late", "why": "…", "edits": […], "policy": "…",
     "result": "fail", "severity": "error", "says": "…", "findings": 1}]}

from      a folder of FIXTURES: its facts.json, else what "panictrail facts" reads of its vmcore, else
          of the records and logs in it
why       what the case stands for; wanted where the facts are edited
edits     what is changed, in order:
            {"scalar": NAME, "value": NUMBER or TEXT}   a scalar that is present
            {"scalar": NAME, "presence": "absent"}      one that is not (no-data, corrupt, unread)
            {"at": "/notifiers/2/function", "value": …} a member
            {"add": "/notifiers", "value": {…}}         at the end of an array; with
                                                        "/notifiers/0" before that entry
            {"remove": "/cpus/3"}                       an entry of an array
            {"log": TEXT, "after": START, "with": {…}}  a record behind the last that begins with
                                                        START, like it but for the text and what
                                                        "with" says; with "instead" for
                                                        "after" it takes that one's place
            {"unlog": START}                            the records that begin so are taken out
policy    text of a policy file; without it the default
result    of the rule; with "fail" also the severity of its worst finding, words that one of its
          messages must match (a regular expression) and how many there are, each where it is given

CASES/goals.json holds cases of the goals: "goal", "verdict" and "says" of its reason in place of
the rule's words.

The results of all fixtures as they are count too. A table says how often each rule gave which
result. A rule that judges wants one that fails and one that passes, a rule that informs one where
it speaks and one where it does not; a goal wants each verdict that it can have; a finding and a
goal that is decided cite evidence. With RULEs only their cases are run,
and what else they want is not asked for. Prints one line for each case; exits with 1 if one fails.
"""
import collections
import copy
import json
import pathlib
import re
import sys
import tempfile

from test_cli import Tool, expect, run_cases

RESULTS = ('fail', 'pass', 'unknown', 'not-applicable')
FINE = (0, 1)       # without and with findings
VERDICTS = {'achieved', 'at-risk', 'failed', 'not-configured', 'unknown'}
# The panic line is always wanted, and one that is nowhere cannot be known to be.
NEVER = {'last-message': {'not-configured', 'failed', 'at-risk'},
         # a crash kernel that reboots does so behind the dump
         'reboot': {'achieved'}}


# ---- edits of saved facts

def place(facts, pointer):
    """The object or array that holds the last word of a path, and that word."""
    *words, last = pointer.lstrip('/').split('/')
    for word in words:
        facts = facts[int(word)] if isinstance(facts, list) else facts[word]
    return facts, int(last) if isinstance(facts, list) else last


def edit_scalar(facts, edit):
    name, value = edit['scalar'], edit.get('value', 0)
    before = [scalar for scalar in facts['scalars'] if scalar['name'] == name]
    scalar = {'name': name, 'is_signed': isinstance(value, int) and value < 0, 'symbol': name,
              'address': '0x0', **(before[0] if before else {})}
    presence = edit.get('presence', 'present')
    scalar |= {'presence': presence, 'text': value if isinstance(value, str) else None,
               'value': hex(value % (1 << 64)) if isinstance(value, int) else '0x0',
               'why': None if presence == 'present' else 'edited'}
    facts['scalars'] = [s for s in facts['scalars'] if s['name'] != name] + [scalar]


def edit_add(facts, edit):
    holder, last = place(facts, edit['add'])
    if isinstance(holder, list):
        holder.insert(last, edit['value'])
    else:
        holder[last].append(edit['value'])


def number_records(log):
    for seq, record in enumerate(log['records'], int(log['first_seq'], 16)):
        record['seq'] = hex(seq)
    log['next_seq'] = hex(int(log['first_seq'], 16) + len(log['records']))


def edit_log(facts, edit):
    records = facts['log']['records']
    start = edit['instead'] if 'instead' in edit else edit['after']
    found = [i for i, record in enumerate(records) if record['text'].startswith(start)]
    expect(found, f'no record begins with "{start}"')
    at = found[-1] if 'instead' in edit else found[-1] + 1
    records[at:found[-1] + 1] = [records[found[-1]] | {'text': edit['log']} | edit.get('with', {})]
    number_records(facts['log'])


def edit_unlog(facts, edit):
    log = facts['log']
    kept = [record for record in log['records'] if not record['text'].startswith(edit['unlog'])]
    expect(len(kept) < len(log['records']), f'no record begins with "{edit["unlog"]}"')
    log['records'] = kept
    number_records(log)


def edit_at(facts, edit):
    holder, last = place(facts, edit['at'])
    expect(isinstance(holder, list) or last in holder, f'no member {edit["at"]}')
    holder[last] = edit['value']


def edit_remove(facts, edit):
    holder, last = place(facts, edit['remove'])
    del holder[last]


EDITS = {'scalar': edit_scalar, 'at': edit_at, 'add': edit_add, 'remove': edit_remove,
         'log': edit_log, 'unlog': edit_unlog}


# ---- running

class Rules:
    """What the program says of rules, and how often."""

    def __init__(self, tool, fixtures, scratch):
        self.tool, self.fixtures, self.scratch = tool, fixtures, scratch
        self.seen = collections.defaultdict(collections.Counter)
        self.verdicts = collections.defaultdict(collections.Counter)
        self.facts = {}
        self.table = {rule['id']: rule for rule in json.loads(
            self.tool.run('rules', '--format', 'json', status=0).stdout)['rules']}
        self.has_policy = b'--policy' in tool.run('report', '--help').stdout

    def facts_of(self, name):
        """Of a fixture, to be edited."""
        if name not in self.facts:
            folder = self.fixtures / name
            saved, core = folder / 'facts.json', folder / 'vmcore'
            self.facts[name] = json.loads(saved.read_bytes() if saved.exists() else self.tool.run(
                'facts', core if core.exists() else folder, status=0).stdout)
        return copy.deepcopy(self.facts[name])

    def report(self, path, policy=None):
        """The report, its rules counted and its findings looked at."""
        args = []
        if policy is not None:
            (self.scratch / 'policy.yaml').write_text(policy)
            args = ['--policy', self.scratch / 'policy.yaml']
        done = self.tool.run('--format', 'json', *args, path)
        expect(done.returncode in FINE, f'status {done.returncode}, {done.stderr.decode()[:500]}')
        report = json.loads(done.stdout)
        for rule in report['rules']:
            self.seen[rule['id']][rule['result']] += 1
        spoke = {finding['rule'] for finding in report['findings']}
        failed = {rule['id'] for rule in report['rules'] if rule['result'] == 'fail'}
        expect(spoke == failed, f'findings of {sorted(spoke)}, and {sorted(failed)} failed')
        for goal in report['goals']:
            self.verdicts[goal['id']][goal['verdict']] += 1
            expect(goal['reason'], f'goal {goal["id"]} has no reason')
            expect(goal['evidence'] or goal['verdict'] in ('unknown', 'not-configured'),
                   f'goal {goal["id"]} cites nothing: {goal["reason"]}')
        for finding in report['findings']:
            expect(finding['evidence'] or not self.table[finding['rule']]['cites'],
                   f'{finding["rule"]} cites nothing: {finding["message"]}')
        return report


def report_of(rules, case):
    facts = rules.facts_of(case['from'])
    for edit in case.get('edits', []):
        kind = next((kind for kind in EDITS if kind in edit), None)
        expect(kind, f'an edit of no kind: {edit}')
        EDITS[kind](facts, edit)
    path = rules.scratch / 'facts.json'
    path.write_text(json.dumps(facts))
    return rules.report(path, case.get('policy'))


def check_goal(rules, case):
    goal = next(goal for goal in report_of(rules, case)['goals'] if goal['id'] == case['goal'])
    said = f'{goal["verdict"]}: {goal["reason"]}'
    expect(goal['verdict'] == case['verdict'], said)
    expect(re.search(case.get('says', ''), goal['reason']), said)


def check_case(rules, rule, case):
    report = report_of(rules, case)
    results = {each['id']: each['result'] for each in report['rules']}
    findings = [finding for finding in report['findings'] if finding['rule'] == rule]
    said = '; '.join(f'{finding["severity"]}: {finding["message"]}' for finding in findings)
    expect(results.get(rule) == case['result'], f'{results.get(rule)} {said}')
    if 'severity' in case:
        expect(findings and findings[0]['severity'] == case['severity'], f'severity: {said}')
    if 'says' in case:
        expect(any(re.search(case['says'], finding['message']) for finding in findings), said)
    if 'findings' in case:
        expect(len(findings) == case['findings'], f'{len(findings)} findings: {said}')


def check_form(document, file):
    expect(document['rule'] == file.stem, f'rule {document["rule"]}')
    known = {'from', 'why', 'edits', 'policy', 'result', 'severity', 'says', 'findings'}
    for case in document['cases']:
        expect(set(case) <= known, f'keys {sorted(set(case) - known)}')
        expect(case['result'] in RESULTS, f'result {case["result"]}')
        expect('why' in case or 'edits' not in case, 'edited, and no word why')
        expect(case['result'] == 'fail' or not {'severity', 'says'} & set(case),
               'words of a finding, and no finding')


def check_seen(rules, rule, skipped):
    """What a rule wants to have been seen."""
    counts, row = rules.seen[rule], rules.table[rule]
    if skipped:
        print(f'        {rule}: cases were skipped')
        return
    expect(counts['fail'], 'it never ' + ('speaks' if row['informs'] else 'fails'))
    silent = counts['pass'] + (counts['not-applicable'] if row['informs'] else 0)
    expect(silent, 'it is never silent' if row['informs'] else 'it never passes')


def check_verdicts(rules, goal):
    missing = VERDICTS - set(rules.verdicts[goal]) - NEVER.get(goal, set())
    expect(not missing, f'never {", ".join(sorted(missing))}')


def goal_cases(rules, folder):
    for number, case in enumerate(json.loads((folder / 'goals.json').read_text())['cases'], 1):
        yield (f'goal {number}: {case["from"]}, {case["goal"]} {case["verdict"]}',
               check_goal, rules, case)


def cases(rules, folder, wanted):
    files = sorted(file for file in folder.glob('PT*.json') if not wanted or file.stem in wanted)
    skipped = set()
    for file in files:
        document = json.loads(file.read_text())
        yield f'{file.name}', check_form, document, file
        for number, case in enumerate(document['cases'], 1):
            if 'policy' in case and not rules.has_policy:
                print(f'skipped {file.stem} {number}: no --policy')
                skipped.add(file.stem)
                continue
            yield (f'{file.stem} {number}: {case["from"]}, {case["result"]}',
                   check_case, rules, file.stem, case)
    if wanted:
        return
    for name in sorted(path.name for path in rules.fixtures.iterdir() if path.is_dir()):
        path = next((rules.fixtures / name / each for each in ('facts.json', 'vmcore')
                     if (rules.fixtures / name / each).exists()), rules.fixtures / name)
        if not name.startswith('unsupported-'):
            yield f'fixture {name}', rules.report, path
    yield from goal_cases(rules, folder)
    for goal in sorted(rules.verdicts):
        yield f'goal {goal}: seen', check_verdicts, rules, goal
    for rule in sorted(rules.table):
        yield f'{rule} {rules.table[rule]["name"]}: seen', check_seen, rules, rule, rule in skipped


def print_table(seen):
    print(f'{"":8}{"fail":>6}{"pass":>6}{"unknown":>9}{"n/a":>6}')
    for rule, counts in sorted(seen.items()):
        print(f'{rule:8}{counts["fail"]:6}{counts["pass"]:6}{counts["unknown"]:9}'
              f'{counts["not-applicable"]:6}')


def print_goals(verdicts):
    print(f'{"":14}' + ''.join(f'{verdict:>16}' for verdict in sorted(VERDICTS)))
    for goal, counts in sorted(verdicts.items()):
        print(f'{goal:14}' + ''.join(f'{counts[verdict]:16}' for verdict in sorted(VERDICTS)))


def main():
    program, fixtures, folder, *wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        rules = Rules(Tool(pathlib.Path(program).absolute()), pathlib.Path(fixtures),
                      pathlib.Path(scratch))
        failed = run_cases(cases(rules, pathlib.Path(folder), wanted))
    print_table(rules.seen)
    print_goals(rules.verdicts)
    return failed


if __name__ == '__main__':
    sys.exit(main())
