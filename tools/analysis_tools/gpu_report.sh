#!/usr/bin/env bash
# Images per second, MFU and memory of VPD, Meta Prompts and a perceptor, with random
# weights, in less than eight minutes on one H100 or H200.
#
#   bash tools/analysis_tools/gpu_report.sh [OUT_DIR]
#
# OUT_DIR (work_dirs/gpu_report) gets report.json and report.md. A part that fails or
# takes too long does not end the others; the exit code is then 1. These variables
# change it: DEVICE=cpu runs the minis, BATCH, SIZE, ROUNDS, PRECISION, LIMIT (seconds
# of all parts together), PARTS (some of the names below), PYTHON.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

out=${1:-work_dirs/gpu_report}
device=${DEVICE:-cuda}
python=${PYTHON:-python}
if [ "$device" = cpu ]; then
  size=${SIZE:-128} batch=${BATCH:-2}
  vpd=configs/vpd/vpd_mini_fpn_1xb8-600_mini-ade20k-128x128.py
  meta_prompts=configs/meta_prompts/meta-prompts_mini_upernet_1xb8-400_mini-ade20k-128x128.py
  perceptor=configs/addp/marigold-v1-1_mini_depth_1xb16-300_mini-hypersim-vkitti2.py
else
  size=${SIZE:-512} batch=${BATCH:-8}
  vpd=configs/vpd/vpd_sd15_fpn_8xb2-80k_ade20k-512x512.py
  meta_prompts=configs/meta_prompts/meta-prompts_sd15_upernet_8xb1-80k_ade20k-512x512.py
  perceptor=configs/addp/marigold-v1-1_sd20_depth_1xb2-30k_hypersim-vkitti2.py
fi
deadline=$((SECONDS + ${LIMIT:-450}))
mkdir -p "$out/parts"
files=()

# run NAME TITLE CONFIG [OPTION ...]: measures one part.
run() {
  local name=$1 title=$2 config=$3 left=$((deadline - SECONDS))
  shift 3
  case " ${PARTS:-$name} " in *" $name "*) ;; *) return ;; esac
  files+=("$out/parts/$name.json")
  rm -f "$out/parts/$name.json"
  if [ "$left" -le 0 ]; then
    echo "$name: no time left" >&2
    return
  fi
  timeout "$left" "$python" tools/analysis_tools/throughput.py "$config" \
    --name "$title" --out "$out/parts/$name.json" --size "$size" --batch "$batch" \
    --rounds "${ROUNDS:-5}" --device "$device" --precision "${PRECISION:-bf16}" "$@" \
    >"$out/parts/$name.log" 2>&1 ||
    echo "$name: failed, $(tail -n 1 "$out/parts/$name.log")" >&2
}

run vpd VPD "$vpd" --variants plain checkpointing
run meta_prompts_1 'Meta Prompts, 1 step' "$meta_prompts" \
  --variants plain checkpointing --cfg-options model.backbone.refinement_steps=1
run meta_prompts_3 'Meta Prompts, 3 steps' "$meta_prompts" \
  --variants plain checkpointing
run perceptor 'Marigold, 1 step' "$perceptor" --variants plain checkpointing \
  --cfg-options model.sampler.steps=1
# What compiles comes last, because it takes the longest.
run vpd_compiled VPD "$vpd" --variants compile
run perceptor_compiled 'Marigold, 1 step' "$perceptor" --variants compile \
  --cfg-options model.sampler.steps=1
run meta_prompts_3_compiled 'Meta Prompts, 3 steps' "$meta_prompts" --variants compile

if [ ${#files[@]} -eq 0 ]; then
  echo "PARTS names no part: $PARTS" >&2
  exit 2
fi
"$python" tools/analysis_tools/throughput.py --join "${files[@]}" --out "$out/report.json"
