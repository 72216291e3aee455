# Runs named steps and sums them up at the end. Sourced by test, lint and bench.
# Every step runs, also after one that failed: one run tells everything.

names=() results=() seconds=() failed=0

# step NAME COMMAND…
step() {
	local name=$1 began=$SECONDS
	shift
	printf '\n== %s\n' "$name"
	if "$@"; then
		results+=(ok)
	else
		results+=(FAILED)
		failed=1
	fi
	names+=("$name") seconds+=($((SECONDS - began)))
}

# skip NAME REASON
skip() {
	printf '\n== %s: skipped, %s\n' "$1" "$2"
	names+=("$1") results+=("SKIPPED: $2") seconds+=(0)
}

# summary WHAT: prints what ran; fails when a step failed.
summary() {
	local i passed=0 bad=0 skipped=0
	printf '\n%s\n' "$1, in $((SECONDS / 60)) min $((SECONDS % 60)) s:"
	for i in "${!names[@]}"; do
		printf '  %-34s %4d s  %s\n' "${names[i]}" "${seconds[i]}" "${results[i]}"
		case ${results[i]} in
		ok) passed=$((passed + 1)) ;;
		FAILED) bad=$((bad + 1)) ;;
		*) skipped=$((skipped + 1)) ;;
		esac
	done
	printf 'steps: %d passed, %d failed, %d skipped\n' "$passed" "$bad" "$skipped"
	return "$failed"
}

# limit TIME COMMAND…: ends a command that hangs, so that the summary is reached.
limit() {
	if command -v timeout >/dev/null; then
		timeout -k 10s "$@"
	else
		shift
		"$@"
	fi
}
