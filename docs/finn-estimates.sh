#!/usr/bin/env bash
# Trains every quantized model for an epoch on digits, exports it for FINN, and prints FINN's estimates of each.
#   usage: docs/finn-estimates.sh FOLDER [MODEL...]     all 16 models by default; PYTHON=python3.11 names the Python that FINN is installed for, into FOLDER/finn
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd); folder=$1
models=("${@:2}"); [ ${#models[@]} -gt 0 ] || models=(cnv mobilenetv1 resnet{18,20,32,34,44,50,56,101,110,152} vgg{11,13,16,19})
mkdir -p "$folder"
[ -e "$folder/finn/installed" ] || { "${PYTHON:-python3.11}" -m venv "$folder/finn" && "$folder/finn/bin/pip" install qonnx==1.0.0 finn-plus==1.6.1 && touch "$folder/finn/installed"; }
dotnet build -c Release "$root/src/Lowbit.Cli" --verbosity quiet
lowbit=(dotnet "$root/src/Lowbit.Cli/bin/Release/net10.0/Lowbit.Cli.dll")
for model in "${models[@]}"; do
  cat > "$folder/$model.yaml" <<YAML
dataset: { name: digits, image_size: 32, limit: 320 }
model: { name: quant_$model }
quantization: { weight_bit_width: 4, act_bit_width: 4, collect_stats_steps: 5 }
training: { batch_size: 32, epochs: 1 }
scheduler: { warmup_epochs: 0 }
checkpoint: { dir: $folder/runs, experiment_name: $model }
YAML
  rm -rf "$folder/runs/digits/$model"
  "${lowbit[@]}" train "$folder/$model.yaml" > "$folder/$model.train.txt"
  "${lowbit[@]}" export "$folder/runs/digits/$model" --target finn --no-verify -o "$folder/quant_$model.onnx"
  "$folder/finn/bin/python" "$root/docs/finn_estimate.py" "$folder/quant_$model.onnx" || true
done
