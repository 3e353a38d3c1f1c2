# SPDX-License-Identifier: GPL-2.0
# Completion of umlctl and uml_mconsole for bash: source it, or install it as
# /usr/share/bash-completion/completions/umlctl

_umlctl_machines()
{
	local dir=${UML_DIR:-$HOME/.uml} i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-d|--dir) dir=${COMP_WORDS[i + 1]} ;;
		esac
	done
	[ -d "$dir" ] && find "$dir" -mindepth 1 -maxdepth 1 -type d -printf '%f\n'
}

_umlctl()
{
	local guest="cad config go halt help log proc reboot remove stack stop sysrq version"
	local devices="mem cpu ubd con ssl eth vec"
	local word=${COMP_WORDS[COMP_CWORD]} i=1 list
	local -a said=()

	# the words that are no options, without the present one
	while ((i < COMP_CWORD)); do
		case ${COMP_WORDS[i]} in
		-d|--dir|-t|--timeout) ((i++)) ;;
		-*) ;;
		*) said+=("${COMP_WORDS[i]}") ;;
		esac
		((i++))
	done
	case ${COMP_WORDS[0]##*/} in
	uml_mconsole)
		case ${#said[@]} in
		0) list=$(_umlctl_machines) ;;
		1) list=$guest ;;
		2) said=("${said[1]}" "${said[0]}") ;;
		esac
		;;
	*)
		case ${#said[@]} in
		0) list="list status console shell shutdown forget $guest" ;;
		1) [ "${said[0]}" = list ] || list=$(_umlctl_machines) ;;
		esac
		;;
	esac
	if [ ${#said[@]} -eq 2 ]; then
		case ${said[0]} in
		config|remove) list=$devices ;;
		console) list="con0 con1 ssl0 ssl1" ;;
		esac
	fi
	case $word in
	-*) list="--dir --json --timeout --help" ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$list" -- "$word")
}

complete -F _umlctl umlctl uml_mconsole
