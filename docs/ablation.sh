#!/usr/bin/env bash
# Trains quant_resnet20 at 2 bits for 600 steps from its float twin, with ingredients of accuracy, then without each of them or with another, and prints the paired differences. The teacher is the float twin after as many further steps ("float+").
#   usage: docs/ablation.sh FOLDER DATA [ROW...]     DATA has CIFAR-10 (dataset.root); MODEL, BITS, SEEDS, EPOCHS, IMAGES and JOBS may be set. SEEDS at most six. Finished runs are kept: call it again to go on.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/runs.sh"
model=${MODEL:-resnet20} bits=${BITS:-2} seeds=${SEEDS:-0 1 2} epochs=${EPOCHS:-6} images=${IMAGES:-12800}

cat > "$folder/float.yaml" <<YAML
dataset: { name: cifar10, root: $data, val_split: 0.1, limit: $images }
model: { name: $model }
optimizer: { nesterov: false }
training: { epochs: $epochs }
checkpoint: { dir: $folder/runs }
progress: { enabled: false }
YAML
cat > "$folder/all.yaml" <<YAML
dataset: { name: cifar10, root: $data, val_split: 0.1, limit: $images, alternating_flip: true }
model: { name: quant_$model }
quantization: { weight_bit_width: $bits, act_bit_width: $bits }
loss: { label_smoothing: 0.1 }
training: { epochs: $epochs, ema_decay: 0.99, batch_norm_batches: 50 }
optimizer: { learning_rate: 0.2, decay_norms: false, decay_biases: false, weight_decay: 5e-5, scale_rate_factor: 0.3 }
checkpoint: { dir: $folder/runs }
YAML

# What each row changes. All start from float and learn from float+ of the same seed but for those that say SCRATCH and ALONE.
declare -A rows=(
  [all]=""
  [without_float_start]="SCRATCH"
  [without_distillation]="ALONE"
  [without_ema]="training.ema_decay=0"
  [without_batch_norm_batches]="training.batch_norm_batches=0"
  [without_alternating_flip]="dataset.alternating_flip=false"
  [without_label_smoothing]="loss.label_smoothing=0"
  [without_nesterov]="optimizer.nesterov=false"
  [decay_of_norms_and_biases]="optimizer.decay_norms=true optimizer.decay_biases=true"
  [weight_decay_5e-4]="optimizer.weight_decay=5e-4"
  [scale_rate_factor_1]="optimizer.scale_rate_factor=1"
  [learning_rate_0.05]="optimizer.learning_rate=0.05"
  [learning_rate_0.1]="optimizer.learning_rate=0.1"
  [rate_by_epochs]="scheduler.interval=epoch"
  [one_cycle]="scheduler.name=one_cycle"
  [freezing]="oscillation.freeze_threshold=0.01"
  [dampening]="oscillation.dampening=0.001"
  [lsq]="quantization.weight_quantizer=lsq quantization.act_quantizer=lsq"
  [weight_normalization]="quantization.weight_normalization=channel"
  [cutout_8]="dataset.cutout=8"
  [random_erasing]="dataset.random_erasing=0.25"
)

run() {   # NAME SEED FILE KEY=VALUE...
  local row=$1 name=$1.$2 seed=$2 file=$3 runs=$folder/runs/cifar10 sets=(); shift 3
  [ ! -e "$folder/$name.done" ] || return 0
  if [[ " $* " == *" SCRATCH "* ]]; then sets+=(--set quantization.stages=[]); elif [ "$row" != float ]; then sets+=(--set model.pretrained="$runs/float.$seed"); fi
  [[ $row == float* || " $* " == *" ALONE "* ]] || sets+=(--set distillation.teacher="$runs/float+.$seed" --set distillation.temperature=1)   # a weight of 0.5
  for set in "$@"; do [[ $set != *=* ]] || sets+=(--set "$set"); done
  rm -rf "$runs/$name"
  $LOWBIT train "$file" --set seed.value="$seed" --set checkpoint.experiment_name="$name" ${sets[@]+"${sets[@]}"} > "$folder/$name.txt" 2>&1 && touch "$folder/$name.done" || echo "failed: $folder/$name.txt" >&2
}
export -f run
choose $(printf '%s\n' "${!rows[@]}" | grep -vx all | sort) -- "${@:3}"
wanted=(all "${wanted[@]}")
for row in float float+; do for seed in $seeds; do echo run "$row" "$seed" "$folder/float.yaml"; done | all_of; done
for row in "${wanted[@]}"; do for seed in $seeds; do echo run "$row" "$seed" "$folder/all.yaml" ${rows[$row]}; done; done | all_of

# The mean of the differences to the first row by seed, on the validation images after the last epoch, and its interval of 95 % by Student's t. The test images decide nothing.
for row in float float+ "${wanted[@]}"; do
  for seed in $seeds; do [ -e "$folder/$row.$seed.done" ] && [ -e "$folder/all.$seed.done" ] && echo "$row $(top1 "$row.$seed" val) $(top1 "all.$seed" val) $(top1 "$row.$seed" test)"; done || true
done | awk '
  { n[$1]++; a[$1] += $2; b[$1] += $4; d[$1] += $2 - $3; s[$1] += ($2 - $3) ^ 2; if (n[$1] == 1) order[++rows] = $1 }
  END {
    split("12.71 4.303 3.182 2.776 2.571", t)
    print "| Row | runs | validation top-1 | to the first | test top-1 |\n| --- | ---: | ---: | ---: | ---: |"
    for (i = 1; i <= rows; i++) { r = order[i]; k = n[r]; m = d[r] / k; v = k > 1 ? sqrt((s[r] - k * m * m) / (k - 1) / k) * t[k - 1] : 0
      printf "| %s | %d | %.2f %% | %+.2f%s | %.2f %% |\n", r, k, a[r] / k, m, (k > 1 ? sprintf(" +- %.2f", v) : ""), b[r] / k }
  }'
