#!/usr/bin/env bash
# Trains the accuracy table of CIFAR-10: float networks, and from each the float network again ("float+") and quantized ones for about half of the epochs; exports them, evaluates the files, and prints the table.
#   usage: docs/accuracy.sh FOLDER DATA [ROW...]     DATA has CIFAR-10 (dataset.root); JOBS, KINDS ("float+ 2" for these alone) and LIMIT (training images) may be set. An interrupted run goes on when it is called again.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/runs.sh"

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
optimizer: { learning_rate: 0.2, weight_decay: 5e-4 }
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

float() {   # NETWORK SEED EPOCHS
  train "$1.$2.float" model.name="$1" seed.value="$2" training.epochs="$3"
}

kind() {   # NETWORK SEED EPOCHS KIND: from the float network, and its files
  local name=$1.$2.$4 network=quant_$1 weights=bits sets=()
  if [ "$4" = float+ ]; then network=$1 weights=auto; else sets=(quantization.weight_bit_width="$4" quantization.act_bit_width="$4"); fi
  train "$name" model.name="$network" seed.value="$2" training.epochs="$3" optimizer.learning_rate=0.1 model.pretrained="$folder/runs/cifar10/$1.$2.float/checkpoints/latest.safetensors" ${sets[@]+"${sets[@]}"}
  export_files "$name" qonnx
  export_files "$name" qcdq --weights "$weights"
}
export -f train export_files float kind
choose "${order[@]}" -- "${@:3}"
each() {   # FUNCTION: calls it with network, seed, epochs of float, epochs from it, and each kind
  local name network seed epochs more kinds kind
  for name in "${wanted[@]}"; do
    read -r network seed epochs more kinds <<< "${rows[$name]}"
    for kind in $kinds; do [[ " ${KINDS:-$kinds} " != *" $kind "* ]] || "$1" "$network" "$seed" "$epochs" "$more" "$kind"; done
  done
}
float_line() { echo float "$1" "$2" "$3"; }
kind_line() { echo kind "$1" "$2" "$4" "$5"; }
[ -n "$(each kind_line)" ] || { echo "KINDS is $KINDS; none of these rows has that" >&2; exit 2; }
failed=""; each float_line | sort -u | all_of || failed=yes; each kind_line | all_of || failed=yes
[ -z "$failed" ] || echo "a run failed; see the ends of $folder/*.txt" >&2

accuracy() { [ ! -e "$folder/$1.accuracy" ] || echo "$(cat "$folder/$1.accuracy") %"; }
table_line() {
  local run=$1.$2.$5 bits=32 difference="" bytes=""; [ -e "$folder/$run.done" ] || return 0
  [ "$5" = float+ ] || bits=$($LOWBIT models "quant_$1" --weight-bits "$5" --act-bits "$5" | awk '/^total/ { print $4 }')
  [ ! -e "$folder/$1.$2.float+.done" ] || difference=$(echo "$(top1 "$run" test) $(top1 "$1.$2.float+" test)" | awk '{ printf "%+.2f", $1 - $2 }')
  [ ! -e "$folder/$run.qcdq.onnx" ] || bytes=$(stat -c %s "$folder/$run.qcdq.onnx")
  echo "| \`$1\` | $2 | $(top1 "$1.$2.float" test) % | $5 | $bits | $(top1 "$run" test) % | $difference | $bytes | $(accuracy "$run.qonnx") | $(accuracy "$run.qcdq") |"
}
echo "| Network | seed | float | bits | mean bits of weights | top-1 | to float+ | packed ONNX, bytes | QONNX | packed ONNX |"
echo "| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
each table_line
