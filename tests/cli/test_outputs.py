#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The formats line, sarif, junit and markdown of every fixture, and of facts with hostile text.

Usage: test_outputs.py PANICTRAIL FIXTURES GOLDEN TREE [--update]

Each is well formed, obeys its schema or grammar, says what the JSON report says, and is the same
twice. GOLDEN/NAME.FORMAT is what one of two fixtures gives; --update writes those anew, and whoever
commits that reads the difference first. xmllint (the XSD) and cmark (the Markdown) are used where
they are installed. Prints one line for each case; exits with 1 if one fails.
"""
import copy
import difflib
import functools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

import jsonschema

from test_cli import FINE, TIMEOUT, Failure, Tool, expect, run_cases, short

INCOMPLETE, OWN_ERROR = 4, 5
LINE_BYTES = 1024
# of two ways of dying, and one of them facts, so that text of a file that is no dump is there too
GOLDEN = ['bad-hang-in-notifier/vmcore', 'facts-6.1-panic-irq-late/facts.json']
SHOWN = 60
FORMATS = ('line', 'sarif', 'junit', 'markdown')
ROOT_OF_XML = '{http://commonmark.org/xml/1.0}'


class Answer:
    """What the program says of one input, in one format; @report is the JSON of the same."""

    def __init__(self, tool, path, folder=None):
        self.tool, self.path, self.folder = tool, path, folder

    @functools.cached_property
    def report(self):
        return self.tool.parse(self.run('json').stdout)

    def run(self, name, *args):
        done = self.tool.run('--format', name, *args, self.path, cwd=self.folder)
        expect(done.returncode in (*FINE, INCOMPLETE, OWN_ERROR) and not done.stderr,
               f'status {done.returncode}, stderr {short(done.stderr)}')
        return done

    def rules(self, *severities):
        """Ids of rules with findings of these severities, in the report's order, each once."""
        return list(dict.fromkeys(f['rule'] for f in self.report['findings']
                                  if f['severity'] in severities))


def ids_of(rows, result):
    return [row['id'] for row in rows if row['result'] == result]


# line

KEYS = ['reason', 'trigger', 'verdict', 'point', 'complete', 'errors', 'warnings', 'notes',
        'policy', 'release', 'path', 'cause', 'message']
# The grammar of docs/pipelines.md.
WORD = r'[A-Za-z0-9._:/+,@~%^-]+'
QUOTED = r'"(?:[ !#-\[\]-~]|\\["\\ntr]|\\x[0-9a-f]{2})*"'
PAIR = re.compile(rf' ([a-z]+)=({WORD}|{QUOTED})')
LINE = re.compile(rf'panictrail(?: [a-z]+=(?:{WORD}|{QUOTED}))+\n')


def check_reasons(tree):
    """The reasons of the page are those of the table: a closed list."""
    rows = re.findall(r'^\t{ "[a-z0-9*-]+", +"([a-z-]+)" },$',
                      (tree / 'src/report/render_line.c').read_text(), re.M)
    page = reasons_of(tree)
    expect(rows and set(rows) == set(page) and len(page) == len(set(page)),
           f'of the table {sorted(set(rows))}, of the page {sorted(page)}')


def reasons_of(tree):
    table = (tree / 'docs/pipelines.md').read_text().partition('| reason |')[2].partition('\n\n')[0]
    return re.findall(r'^\| `([a-z-]+)` \|', table, re.M)


def check_line(answer, reasons):
    text = answer.run('line').stdout
    expect(len(text) <= LINE_BYTES, f'{len(text)} bytes')
    text = text.decode('ascii')
    expect(LINE.fullmatch(text), f'not of the grammar: {text!r}')
    pairs = PAIR.findall(text)
    expect([key for key, _ in pairs] == KEYS, f'keys {pairs}')
    line, report = dict(pairs), answer.report
    expect(line['reason'] in reasons, f'reason {line["reason"]}')
    for key, value in {'trigger': report['panic']['trigger'], 'verdict': report['verdict']['word'],
                       'point': report['dump']['point'],
                       'complete': 'yes' if report['complete'] else 'no',
                       'policy': report['policy']['name']}.items():
        expect(line[key] == value, f'{key} is {line[key]}, in the report {value}')
    for key, severity in ('errors', 'error'), ('warnings', 'warning'), ('notes', 'note'):
        wanted = answer.rules(severity)
        got = [rule for rule in line[key].split(',') if rule[0] != '+']
        expect(got == (wanted[:len(got)] or ['none']) and ('+' in line[key] or
               len(got) == max(len(wanted), 1)), f'{key} are {line[key]}, not {wanted}')
    for key in 'path', 'cause':
        value = report['signatures'][key] or 'unknown'
        expect(line[key].strip('"').endswith(value.rsplit(':', 1)[-1]), f'{key} is {line[key]}')


# SARIF

def check_sarif(answer, validator):
    done = answer.run('sarif')
    text = done.stdout.decode('ascii')
    document = json.loads(text)
    for error in validator.iter_errors(document):
        where = '/'.join(map(str, error.absolute_path))
        raise Failure(f'against the schema at "{where}": {error.message[:300]}')
    run, report = document['runs'][0], answer.report
    rules = [rule['id'] for rule in run['tool']['driver']['rules']]
    expect(rules == [row['id'] for row in report['rules']], 'not all rules')
    expect(run['invocations'][0]['exitCode'] == done.returncode, 'exitCode is not the status')
    gaps = [row['message']['text'] for row in run['invocations'][0]['toolExecutionNotifications']]
    expect(len(gaps) >= len(report['gaps']), f'{len(gaps)} notifications')
    expect(bool(gaps) != report['complete'], f'complete, and notifications {gaps}')

    results = run['results']
    found = [row for row in results if row['kind'] != 'open']
    expect([row['ruleId'] for row in found] == [f['rule'] for f in report['findings']],
           'the results are not the findings')
    for row, finding in zip(found, report['findings']):
        expect(row['level'] == finding['severity'] or
               (row['kind'], finding['severity']) == ('informational', 'note'), f'level of {row}')
        expect([f'E{place["id"]}' for place in row['relatedLocations']] == finding['evidence'],
               f'evidence of {finding["rule"]}')
        expect(row['kind'] != 'fail' or check_flow(row, report), '')
    expect([row['ruleId'] for row in results if row['kind'] == 'open'] ==
           ids_of(report['rules'], 'unknown'), 'unknown rules are not open')
    for row in results:
        expect(rules[row['ruleIndex']] == row['ruleId'], f'ruleIndex of {row["ruleId"]}')
    prints = [row['partialFingerprints']['panictrail/finding/v1'] for row in results]
    expect(len(set(prints)) == len(prints), f'fingerprints are not unique: {prints}')
    expect({key: value for key, value in run['properties']['rules'].items() if value != 'off'}
           .items() <= {row['id']: row['result'] for row in report['rules']}.items(), 'rules')


def check_flow(result, report):
    """The stages that were come to, in order, with the callbacks of theirs that were called."""
    steps = [step for flow in result.get('codeFlows', [])
             for step in flow['threadFlows'][0]['locations']]
    names = [step['location']['logicalLocations'][0]['name'] for step in steps
             if step['nestingLevel'] == 0]
    wanted = [stage['id'] for stage in report['stages']
              if stage['outcome'] in ('done', 'in-progress', 'skipped')]
    expect(names == wanted, f'stages {names}')
    orders = [step['executionOrder'] for step in steps]
    expect(orders == sorted(set(orders)), f'executionOrder {orders}')
    called = sum(row['outcome'] in ('called', 'in-progress')
                 for row in report['notifiers'] * ('notifiers' in wanted) +
                 report['kmsg_dumpers'] * ('kmsg-dump' in wanted))
    expect(len(steps) - len(names) == called, f'{len(steps) - len(names)} callbacks')
    return True


# JUnit

def check_junit(answer, xsd):
    text = answer.run('junit').stdout
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise Failure(f'not XML ({error}): {short(text)}') from error
    if shutil.which('xmllint'):
        done = subprocess.run(['xmllint', '--nonet', '--noout', '--schema', xsd, '-'], input=text,
                              capture_output=True, timeout=TIMEOUT, check=False)
        expect(done.returncode == 0, short(done.stderr, 600))
    suite, report = root.find('testsuite'), answer.report
    tests = {case.get('name').split()[0]: case for case in suite.iter('testcase')}
    expect(list(tests) == [row['id'] for row in report['rules']], 'a test is not a rule')

    def having(name):
        return [rule for rule, case in tests.items() if case.find(name) is not None]

    failures = sorted(answer.rules('error', 'warning'))
    skipped = sorted(set(ids_of(report['rules'], 'unknown') +
                         ids_of(report['rules'], 'not-applicable')) - set(answer.rules(
                             'error', 'warning', 'note')))
    expect(having('failure') == failures, f'failures {having("failure")}, not {failures}')
    expect(having('skipped') == skipped, f'skipped {having("skipped")}, not {skipped}')
    expect(having('system-out') == sorted(set(answer.rules('note')) - set(failures)), 'notes')
    for element in root, suite:
        counts = [int(element.get(name)) for name in ('tests', 'failures', 'errors', 'skipped')]
        expect(counts == [len(tests), len(failures), 0, len(skipped)], f'counts {counts}')
    expect(suite.find('system-err').text or report['complete'] or not report['gaps'], 'gaps')


# Markdown

TAGS = re.compile(r'</?(?:details|summary)>')


def cells(row):
    return len(re.findall(r'(?<!\\)(?:\\\\)*\|', row))


def check_tables(lines):
    """Each table has a head, a rule below it, and rows of as many cells."""
    head = None
    for number, line in enumerate(lines):
        if not line.startswith('|'):
            head = None
            continue
        if head is None:
            head = cells(line)
            expect(re.fullmatch(r'(\| --- )+\|', lines[number + 1]), f'no head: {line}')
            expect(not number or not lines[number - 1], f'no empty line before: {line}')
        expect(cells(line) == head, f'cells of: {line}')


def check_markdown(answer):
    text = answer.run('markdown').stdout.decode()
    report, lines, plain, code = answer.report, text.splitlines(), [], False
    for line in lines:
        if line.startswith('```'):
            code = not code
        plain += [''] if code or line.startswith('```') else [line]
    expect(not code, 'a block of code has no end')
    check_tables(plain)
    titles = [line.strip('# ') for line in plain if line.startswith('#')]
    for title in 'Goals', 'Stages', 'CPUs':
        expect(title in titles, f'no {title}')
    for line in plain:
        bare = TAGS.sub('', re.sub(r'\\.|`[^`]*`', '', line))
        expect('<' not in bare, f'a tag: {line}')
    expect(text.count('<details>') == text.count('</details>') > 0, 'details')
    for finding in report['findings']:
        expect(f'- **{finding["severity"]} {finding["rule"]}** ' in text,
               f'{finding["rule"]} is missing')
    if shutil.which('cmark'):
        check_with_cmark(text)


def check_with_cmark(text):
    """No HTML but ours, no link, no image."""
    done = subprocess.run(['cmark', '-t', 'xml'], input=text.encode(), capture_output=True,
                          timeout=TIMEOUT, check=True)
    root = ET.fromstring(done.stdout)
    for name in 'link', 'image', 'html_inline', 'emph', 'block_quote':
        found = root.find(f'.//{ROOT_OF_XML}{name}')
        expect(found is None, f'{name}: {"".join(found.itertext()) if found is not None else ""}')
    for block in root.iter(f'{ROOT_OF_XML}html_block'):
        expect(re.fullmatch(r'<details>\n<summary>[^<>]*</summary>\n|</details>\n', block.text),
               f'html: {block.text}')


# All

def check_same_bytes(answer):
    for name in FORMATS:
        expect(answer.run(name).stdout == answer.run(name).stdout, f'{name}: two runs differ')


def check_golden(answer, name, golden, update):
    now = answer.run(name).stdout
    if update:
        golden.write_bytes(now)
    before = golden.read_bytes() if golden.exists() else b''
    lines = list(difflib.unified_diff(before.decode(errors='replace').splitlines(),
                                      now.decode(errors='replace').splitlines(), str(golden), 'now',
                                      lineterm=''))
    more = ['…'] if len(lines) > SHOWN else []
    expect(now == before, '\n'.join(['not the same', *lines[:SHOWN], *more]))


def check_output(answer, folder):
    """-o and a limit, in each format."""
    for name in FORMATS:
        out = folder / f'out.{name}'
        answer.run(name, '-o', out)
        expect(out.read_bytes() == answer.run(name).stdout, f'{name}: -o')


def check_strict(answer, cut):
    """A dump that was cut short is not complete, in each format."""
    short_one = Answer(answer.tool, cut)
    expect(b' complete=no ' in short_one.run('line').stdout, 'line')
    invocation = json.loads(short_one.run('sarif', '--strict').stdout)['runs'][0]['invocations'][0]
    expect(invocation['exitCode'] == INCOMPLETE and invocation['executionSuccessful'] and
           invocation['toolExecutionNotifications'], f'SARIF: {invocation}')
    expect(ET.fromstring(short_one.run('junit').stdout).find('.//system-err').text, 'JUnit')
    expect(b'\n## Not read\n' in short_one.run('markdown').stdout, 'Markdown')


# Of saved facts, where a backslash begins an escape: line ends, markup of every format, an escape
# of a terminal, bytes that are no UTF-8, a character that turns the text round, no character.
NASTY = ('a\nb\tc<script>alert("1")</script>&amp;|d`e`\\x1b[31m\\xff\\x01 [f](http://g) ![h](i) '
         '*j* _k_ ~l~ <!-- m --> ]]> # n www.o.p q@r #1 {0} \'s\' \\\\ \u202et\ufffe $u$ 1. v')


def hostile(facts, text):
    """The facts with that text wherever a dump has text of its own."""
    facts = copy.deepcopy(facts)
    facts['release'] = facts['version'] = facts['cmdline'] = text
    for row in facts['notifiers'] + facts['dumpers']:
        row['function'] = text
        row['module'] = text
    for row in facts['consoles'] + facts['modules']:
        row['name'] = text
    for cpu in facts['cpus']:
        cpu['task']['comm'] = text
        cpu['stack_end'] = text
        for frame in cpu['frames'][:1]:
            frame['function'] = frame['module'] = text
    for record in facts['log']['records']:
        start = 'Kernel panic - not syncing: '
        record['text'] = (start if record['text'].startswith(start) else '') + text
    facts['gaps'].append({'what': text, 'why': text})
    return facts


def make_hostile(path, folder):
    facts = json.loads(path.read_text())
    words = NASTY.split(' ')
    turned = [' '.join(words[i:] + words[:i]) for i in range(0, len(words), 3)]
    for number, text in enumerate(turned + [NASTY * 40, '\\\\', '|', '`', '', '{', '](']):
        made = folder / f'{path.parent.name}-{number}.json'
        made.write_text(json.dumps(hostile(facts, text)))
        yield made


def cases(tool, fixtures, golden, tree, folder, update):
    schema = json.loads((tree / 'tests/lib/sarif.schema.json').read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator, reasons = jsonschema.Draft202012Validator(schema), reasons_of(tree)
    inputs = sorted([path for path in fixtures.glob('*/vmcore')
                     if not path.parent.name.startswith('unsupported-')] +
                    list(fixtures.glob('*/facts.json')))
    saved = [path for path in inputs if path.name == 'facts.json']
    expect(saved and len(inputs) > len(saved), f'no fixtures in {fixtures}')
    nasty = [made for path in saved[:1] for made in make_hostile(path, folder)]
    yield 'reasons', check_reasons, tree
    for path in inputs + nasty:
        name = path.parent.name if path in inputs else f'hostile {path.stem}'
        answer = Answer(tool, path)
        yield f'{name}: line', check_line, answer, reasons
        yield f'{name}: SARIF', check_sarif, answer, validator
        yield f'{name}: JUnit', check_junit, answer, tree / 'tests/lib/junit.xsd'
        yield f'{name}: Markdown', check_markdown, answer
    for path in inputs[:1] + nasty[:1]:
        yield f'{path.parent.name}: same bytes', check_same_bytes, Answer(tool, path)
    for name in GOLDEN:
        path = fixtures / name
        answer = Answer(tool, path.name, path.parent)
        for form in FORMATS:
            yield (f'golden: {path.parent.name}.{form}', check_golden, answer, form,
                   golden / f'{path.parent.name}.{form}', update)
    core = min((path for path in inputs if path.name == 'vmcore'), key=lambda p: p.stat().st_size)
    yield '-o', check_output, Answer(tool, core), folder
    cut = folder / 'cut'
    cut.write_bytes(core.read_bytes()[:core.stat().st_size // 2])
    yield 'cut short', check_strict, Answer(tool, core), cut


def main():
    program, fixtures, golden, tree = map(pathlib.Path, sys.argv[1:5])
    tool = Tool(program.absolute(), [tree / 'docs/panictrail-report-1.schema.json'])
    with tempfile.TemporaryDirectory() as folder:
        return run_cases(cases(tool, fixtures.absolute(), golden, tree, pathlib.Path(folder),
                               sys.argv[5:] == ['--update']))


if __name__ == '__main__':
    sys.exit(main())
