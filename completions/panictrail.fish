# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion of panictrail. tests/cli/test_completions.py holds it against --help.

set -l verbs report log facts notifiers distill help

complete -c panictrail -n "not __fish_seen_subcommand_from $verbs" -a report -d 'How far panic() got, and how every CPU was stopped'
complete -c panictrail -n "not __fish_seen_subcommand_from $verbs" -a log -d 'The kernel log, with time, level and task or CPU'
complete -c panictrail -n "not __fish_seen_subcommand_from $verbs" -a facts -d 'Save all that was read, as JSON'
complete -c panictrail -n "not __fish_seen_subcommand_from $verbs" -a notifiers -d 'What is hooked into panic(), and what became of it'
complete -c panictrail -n "not __fish_seen_subcommand_from $verbs" -a distill -d 'Write the smallest dump that still gives the same report'
complete -c panictrail -n "not __fish_seen_subcommand_from $verbs" -a help -d 'The overview, or the help of a verb'
complete -c panictrail -n '__fish_seen_subcommand_from help' -f -a 'report log facts notifiers distill'

# What all verbs take.
complete -c panictrail -l format -x -a 'text json' -d 'What to write'
complete -c panictrail -s o -l output -r -F -d 'Write there instead of to stdout'
complete -c panictrail -l strict -d 'Exit with 4 when the answer is incomplete'
complete -c panictrail -l time-limit -x -d 'Read no longer than that many seconds'
complete -c panictrail -l color -f -a 'auto always never' -d 'Colours'
complete -c panictrail -l no-pager -d 'Show long text without a pager'
complete -c panictrail -l no-debuginfo -d 'Look for no debuginfo'
complete -c panictrail -l profile -r -F -d 'What a kernel of this build answered before'
complete -c panictrail -l cache-dir -x -a '(__fish_complete_directories)' -d 'Keep profiles of kernels there'
complete -c panictrail -l no-cache -d 'Neither read nor write a cache'
complete -c panictrail -s h -l help -d 'How to use it'
complete -c panictrail -s V -l version -d 'The version'

# What one verb alone takes; report is meant where there is none.
complete -c panictrail -n "not __fish_seen_subcommand_from log facts notifiers distill help" -l explain -d 'How crash and drgn show the same'
complete -c panictrail -n '__fish_seen_subcommand_from log' -l after-panic -d 'The panic line and what follows it'
complete -c panictrail -n '__fish_seen_subcommand_from distill' -l without-symbols -d 'Leave out what the profile of the kernel holds'
complete -c panictrail -n "not __fish_seen_subcommand_from help" -l redact -d 'Take out what tells whose machine it was'
