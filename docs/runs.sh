# What the scripts share that train many networks. Sourced by one, with its arguments FOLDER DATA [ROW...], it sets root, folder, data, jobs and LOWBIT, and has all_of, top1 and choose.
[ $# -ge 2 ] || { sed -n 's/^# *usage: /usage: /p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd); folder=$(mkdir -p "$1" && cd "$1" && pwd); data=$(cd "$2" && pwd)
jobs=${JOBS:-2}
[ -n "${LOWBIT:-}" ] || { dotnet build -c Release "$root/src/Lowbit.Cli" --verbosity quiet; LOWBIT="dotnet $root/src/Lowbit.Cli/bin/Release/net10.0/Lowbit.Cli.dll"; }
export LOWBIT folder data

all_of() {   # lines of a function and its arguments, JOBS at a time, which share the cores
  local lines; mapfile -t lines
  local at_once=$((${#lines[@]} < jobs ? ${#lines[@]} : jobs)); [ "$at_once" -gt 0 ] || return 0
  printf '%s\n' "${lines[@]}" | OMP_NUM_THREADS=$(($(nproc) > at_once ? $(nproc) / at_once : 1)) xargs -P "$at_once" -L 1 bash -c 'set -euo pipefail; "$@"' _
}

top1() { awk -F, -v column="$2_top1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) c = i } END { printf "%.2f", 100 * $c }' "$folder/runs/cifar10/$1/metrics.csv"; }   # RUN val|test: after the last epoch, in percent

choose() {   # DEFAULT... -- ROW...: sets wanted to the rows, or to the default ones where there is none
  local name known=(); while [ "$1" != -- ]; do known+=("$1"); shift; done; shift
  wanted=("$@"); [ $# -gt 0 ] || wanted=("${known[@]}")
  for name in "${wanted[@]}"; do [[ " ${known[*]} " == *" $name "* ]] || { echo "$name is no row; there are: ${known[*]}" >&2; exit 2; }; done
}
