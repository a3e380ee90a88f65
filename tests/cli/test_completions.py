#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The completions in their shells. Usage: test_completions.py PANICTRAIL FOLDER

Asks bash, zsh and fish what they offer after a few words and compares it with --help: for each
verb its options and no others. Prints one line for each case; exits with 1 if one fails, with 77
when a shell is missing and none failed.
"""
import os
import pathlib
import pty
import shutil
import subprocess
import sys
import tempfile
import threading

from test_docs import Help, compare

SKIPPED = 77
TIMEOUT = 60

# The words are the arguments; how bash splits them at = is its own. Prints what is offered.
BASH = r'''
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_panictrail
printf '%s\n' "${COMPREPLY[@]}"
'''

# zsh completes only in its line editor: this writes what is offered to a file and ends.
ZSH = r'''
fpath=("$FOLDER" $fpath)
autoload -Uz compinit && compinit -D -u
compadd() {
	if (( ! ${@[(I)-[a-zA-Z]#[OAD]]} )); then
		local -a hits
		builtin compadd -O hits "$@"
		print -rl -- $hits >>"$OFFERED"
	fi
	builtin compadd "$@"
}
setopt extendedglob
offer() { BUFFER=$LINE CURSOR=$#LINE; zle list-choices; print -r -- END >>"$OFFERED"; exit }
zle -N offer
zle-line-init() { zle offer }
zle -N zle-line-init
'''


def ask_bash(folder, words):
    split = [part for word in words for part in
             ([*word.partition('=')] if word.startswith('--') and '=' in word else [word])]
    split = split[:-1] if len(split) > 1 and split[-2] == '=' and not split[-1] else split
    with tempfile.TemporaryDirectory() as home:  # without files to offer
        return subprocess.run(['bash', '-c', BASH, 'bash', folder / 'panictrail', *split], cwd=home,
                              capture_output=True, text=True, timeout=TIMEOUT, check=True).stdout


def ask_fish(folder, words):
    line = ' '.join(words)
    with tempfile.TemporaryDirectory() as home:
        out = subprocess.run(
            ['fish', '--no-config', '-c',
             f'source {folder}/panictrail.fish; complete -C{line!r}'],
            capture_output=True, text=True, timeout=TIMEOUT, check=True, cwd=home,
            env=os.environ | {'HOME': home, 'XDG_DATA_HOME': home, 'XDG_CONFIG_HOME': home}).stdout
    offered = [row.split('\t')[0] for row in out.splitlines()]
    # a value comes with its option in front
    return '\n'.join(row.partition('=')[2] or row for row in offered) \
        if words[-1].endswith('=') else '\n'.join(offered)


def ask_zsh(folder, words):
    ours, theirs = pty.openpty()
    with tempfile.TemporaryDirectory() as home:
        offered = pathlib.Path(home) / 'offered'
        (pathlib.Path(home) / '.zshrc').write_text(ZSH)
        env = os.environ | {'ZDOTDIR': home, 'FOLDER': str(folder), 'OFFERED': str(offered),
                            'LINE': ' '.join(words), 'TERM': 'xterm', 'HOME': home}
        with subprocess.Popen(['zsh', '-d', '-i'], stdin=theirs, stdout=theirs, stderr=theirs,
                              start_new_session=True, env=env, cwd=home) as process:
            os.close(theirs)
            threading.Thread(target=drain, args=(ours,), daemon=True).start()
            try:
                process.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        text = offered.read_text()
    if not text.endswith('END\n'):
        raise OSError('zsh did not finish')
    return text.removesuffix('END\n')


def drain(descriptor):
    """A terminal that nobody reads blocks who writes."""
    try:
        while os.read(descriptor, 65536):
            pass
    except OSError:
        pass


SHELLS = {'bash': ask_bash, 'zsh': ask_zsh, 'fish': ask_fish}


def questions(program):
    """(words, what must be offered for the last of them)"""
    default = program.verbs[0]
    for verb in (None, *program.texts):
        words = ['panictrail', *([verb] if verb else []), '--']
        yield words, {f'--{name}' for name in program.options(verb or default)}
    for verb in program.verbs:
        yield ['panictrail', verb[:-1]], {verb}
    yield ['panictrail', 'help', ''], set(program.texts)
    formats = {'text', 'json', 'line', 'sarif', 'junit', 'markdown'}
    yield ['panictrail', '--format', ''], formats
    yield ['panictrail', default, '--format', ''], formats
    yield ['panictrail', 'log', '--format', ''], {'text', 'json'}
    yield ['panictrail', 'what-if', '--order', 'mladek-'], {'mladek-counter', 'mladek-four-lists',
                                                            'mladek-two-lists'}
    yield ['panictrail', default, '--color='], {'auto', 'always', 'never'}
    yield ['panictrail', '--time-limit', ''], set()
    yield ['panictrail', '--fail-on', ''], {'error', 'warning', 'note', 'never'}
    yield ['panictrail', '--policy', 'kdump-f'], {'kdump-first'}
    yield ['panictrail', 'policy', ''], {'list', 'show', 'check'}
    yield ['panictrail', 'policy', 'show', 'kdump-f'], {'kdump-first'}


def check(ask, folder, words, wanted):
    offered = {word.strip().rstrip('=').removesuffix('[=') for word in ask(folder, words).split('\n')}
    offered = {word for word in offered if word and (words[-1] != '--' or word.startswith('--'))}
    if words[-1].startswith('--') and '=' in words[-1]:
        offered = {word.partition('=')[2] or word for word in offered}
    return compare(f'after "{" ".join(words)}":', wanted, offered)


def main():
    program, folder = Help(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    failed = skipped = 0
    for shell, ask in SHELLS.items():
        if not shutil.which(shell):
            print(f'skipped {shell}: it is not installed')
            skipped += 1
            continue
        for words, wanted in questions(program):
            try:
                wrong = check(ask, folder, words, wanted)
            except (OSError, subprocess.SubprocessError) as error:
                wrong = [str(error), getattr(error, 'stderr', None) or '']
            print(f'FAILED  {shell}: {"; ".join(wrong)}' if wrong
                  else f'ok      {shell}: {" ".join(words)}', flush=True)
            failed += bool(wrong)
    return 1 if failed else SKIPPED if skipped else 0


if __name__ == '__main__':
    sys.exit(main())
