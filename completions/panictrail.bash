# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of panictrail. tests/cli/test_completions.py holds it against --help.

_panictrail()
{
	local verbs='report log facts notifiers distill help'
	# what all verbs take, with those of one letter
	local common='--format --output --strict --time-limit --color --no-pager --no-debuginfo
		--profile --cache-dir --no-cache --help --version'
	local options word verb=
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}

	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[[ " $verbs " == *" $word "* ]] && { verb=$word; break; }
	done
	# what one verb alone takes
	case $verb in
	report | '') options="$common --explain --redact" ;;
	log) options="$common --after-panic --redact" ;;
	facts | notifiers) options="$common --redact" ;;
	distill) options="$common --redact --without-symbols" ;;
	*) options=$common ;;
	esac

	# readline takes = for a word of its own
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	COMPREPLY=()
	case $prev in
	--format)
		mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$cur")
		return ;;
	--color)
		if [[ ${COMP_WORDS[COMP_CWORD]} == = || ${COMP_WORDS[COMP_CWORD-1]} == = ]]; then
			mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur")
			return
		fi ;;
	--time-limit)
		return ;;
	--cache-dir)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		compopt -o filenames 2>/dev/null
		return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
	elif [[ $verb == help ]]; then
		mapfile -t COMPREPLY < <(compgen -W "${verbs% help}" -- "$cur")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$cur"
			[[ $verb ]] || compgen -W "$verbs" -- "$cur")
		compopt -o filenames 2>/dev/null
	fi
}
complete -F _panictrail panictrail
