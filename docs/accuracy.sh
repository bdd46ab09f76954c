#!/usr/bin/env bash
# Trains the accuracy table of CIFAR-10: float networks, and from each the float network again ("float+") and quantized ones for about half of the epochs; exports them, evaluates the files, and prints the table.
#   usage: docs/accuracy.sh FOLDER DATA [ROW...]     DATA has CIFAR-10 (dataset.root); JOBS and LIMIT (training images) may be set. An interrupted run goes on when it is called again.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd); folder=$(mkdir -p "$1" && cd "$1" && pwd); data=$(cd "$2" && pwd)
jobs=${JOBS:-1}
[ -n "${LOWBIT:-}" ] || { dotnet build -c Release "$root/src/Lowbit.Cli" --verbosity quiet; LOWBIT="dotnet $root/src/Lowbit.Cli/bin/Release/net10.0/Lowbit.Cli.dll"; }
export LOWBIT folder data

# A row: network, seed, epochs of float, epochs from it, and what is trained from it.
declare -A rows=(
  [cnv]="cnv 0 30 15 float+ 8 4 2 1"
  [resnet20]="resnet20 0 30 15 float+ 8 4 2"
  [resnet20_again]="resnet20 1 30 15 float+ 8 4 2"
  [resnet56]="resnet56 0 15 8 float+ 8 4 2"
  [mobilenetv1]="mobilenetv1 0 30 15 float+ 4"
  [resnet8]="resnet8 0 30 15 float+ 4"
)
order=(resnet20 cnv resnet8 mobilenetv1 resnet20_again resnet56)

cat > "$folder/recipe.yaml" <<YAML
dataset: { name: cifar10, root: $data, alternating_flip: true${LIMIT:+, limit: $LIMIT} }
model: { name: resnet20 }
optimizer: { learning_rate: 0.2, nesterov: true, weight_decay: 5e-4 }
scheduler: { name: one_cycle }
checkpoint: { dir: $folder/runs }
progress: { enabled: false }
YAML

train() {   # NAME KEY=VALUE...: a run from its start, or from where it was interrupted
  local name=$1 run=$folder/runs/cifar10/$1 sets=(); shift
  [ ! -e "$folder/$name.done" ] || return 0
  for set in "$@"; do sets+=(--set "$set"); done
  if [ -e "$run/checkpoints/latest.safetensors" ]; then $LOWBIT train --resume "$run"; else rm -rf "$run"; $LOWBIT train "$folder/recipe.yaml" --set checkpoint.experiment_name="$name" "${sets[@]}"; fi >> "$folder/$name.txt" 2>&1
  touch "$folder/$name.done"
}

export_files() {   # NAME FORMAT OPTIONS...: the file, and its accuracy on all test images
  local file=$folder/$1.$2.onnx accuracy=$folder/$1.$2.accuracy
  [ ! -e "$accuracy" ] || return 0
  $LOWBIT export "$folder/runs/cifar10/$1/checkpoints/latest.safetensors" --format "$2" "${@:3}" -o "$file" >> "$folder/$1.txt" 2>&1
  $LOWBIT eval "$file" --dataset cifar10 --root "$data" | sed -n 's/.*top-1 \([0-9.]*\) %.*/\1/p' > "$accuracy.part" && mv "$accuracy.part" "$accuracy"
}

row() {   # NETWORK SEED EPOCHS EPOCHS KIND...
  local network=$1 seed=$2 float=$1.$2.float kind name; train "$float" model.name="$network" seed.value="$seed" training.epochs="$3"
  for kind in "${@:5}"; do
    name=$network.$seed.$kind; local sets=(seed.value="$seed" training.epochs="$4" optimizer.learning_rate=0.1 model.pretrained="$folder/runs/cifar10/$float/checkpoints/latest.safetensors")
    if [ "$kind" = float+ ]; then sets+=(model.name="$network"); else sets+=(model.name="quant_$network" quantization.weight_bit_width="$kind" quantization.act_bit_width="$kind"); fi
    train "$name" "${sets[@]}"
    export_files "$name" qonnx
    export_files "$name" qcdq --weights "$([ "$kind" = float+ ] && echo auto || echo bits)"
  done
}
export -f train export_files row
[ "$jobs" = 1 ] || export OMP_NUM_THREADS=1
wanted=("${@:3}"); [ $# -gt 2 ] || wanted=("${order[@]}")
for name in "${wanted[@]}"; do [ -n "${rows[$name]+set}" ] || { echo "$name is no row; there are: ${order[*]}" >&2; exit 2; }; done
for name in "${wanted[@]}"; do echo "${rows[$name]}"; done | xargs -P "$jobs" -L 1 bash -c 'set -euo pipefail; row "$@"' _ || echo "a row failed; see the ends of $folder/*.txt" >&2

top1() { awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "test_top1") c = i } END { printf "%.2f", 100 * $c }' "$folder/runs/cifar10/$1/metrics.csv"; }
echo "| Network | seed | bits | mean bits of weights | top-1 | to float+ | packed ONNX, bytes | QONNX | packed ONNX |"
echo "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
for name in "${wanted[@]}"; do
  read -r network seed _ _ kinds <<< "${rows[$name]}"
  [ ! -e "$folder/$network.$seed.float.done" ] || echo "| \`$network\` | $seed | float | 32 | $(top1 "$network.$seed.float") % | | | | |"
  for kind in $kinds; do
    run=$network.$seed.$kind; [ -e "$folder/$run.qcdq.accuracy" ] || continue
    bits=32; [ "$kind" = float+ ] || bits=$($LOWBIT models "quant_$network" --weight-bits "$kind" --act-bits "$kind" | awk '/^total/ { print $4 }')
    echo "| \`$network\` | $seed | $kind | $bits | $(top1 "$run") % | $(echo "$(top1 "$run") $(top1 "$network.$seed.float+")" | awk '{ printf "%+.2f", $1 - $2 }') | $(stat -c %s "$folder/$run.qcdq.onnx") | $(cat "$folder/$run.qonnx.accuracy") % | $(cat "$folder/$run.qcdq.accuracy") % |"
  done
done
