#!/usr/bin/env bash
# Run every script of findings/ and say which surprises no longer hold. Exits 1 if one no longer holds or could not be tried.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
holds=() gone=() untried=()
for script in *.sh; do
    name=${script%.sh}
    echo "== $name"
    bash "$script"
    case $? in
    0) holds+=("$name") ;;
    3) gone+=("$name") ;;
    *) untried+=("$name") ;;
    esac
done
echo
echo "${#holds[@]} hold: ${holds[*]-}"
echo "${#gone[@]} no longer hold: ${gone[*]-}"
echo "${#untried[@]} could not be tried: ${untried[*]-}"
[ "${#gone[@]}" -eq 0 ] && [ "${#untried[@]}" -eq 0 ]
