"""FINN's estimates of a QONNX file: frames a second, cycles, LUT, DSP and BRAM, and what stays outside of hardware.

usage: python finn_estimate.py MODEL.onnx [FRAMES_PER_SECOND]

Runs FINN's estimate-only flow, which needs no vendor tools. Residual networks need more moves than FINN's default streamlining makes: where the default steps leave a
node that is no hardware layer, the flow is run once more with them. Exit code 1: some layer does not become hardware.
"""
import json
import os
import sys
import tempfile

os.environ.setdefault("XILINX_VIVADO", "/none/2022.2")  # read, never run, by the estimates
os.environ.setdefault("XILINX_HLS", "/none/2022.2")

import onnx
import finn.transformation.streamline.absorb as absorb
import finn.transformation.streamline.reorder as reorder
import finn.util.settings as settings
from finn.builder.build_dataflow import build_dataflow_cfg
from finn.builder.build_dataflow_config import DataflowBuildConfig, DataflowOutputType, ShellFlowType, estimate_only_dataflow_steps
from finn.transformation.streamline import Streamline
from qonnx.transformation.general import ConvertDivToMul, ConvertSubToAdd, RemoveUnusedTensors
from qonnx.transformation.infer_data_layouts import InferDataLayouts
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.lower_convs_to_matmul import LowerConvsToMatMul


def apply(model, times, *transformations):
    for _ in range(times):
        for transformation in transformations:
            model = model.transform(transformation)
    return model


def streamline_residual(model, config):
    """Scales past forks, adds and depthwise convolutions, then transpositions past them, then scales past what these left."""
    forks = reorder.MoveLinearPastFork(), reorder.MoveLinearPastEltwiseAdd()
    model = apply(model, 1, ConvertSubToAdd(), ConvertDivToMul(), absorb.AbsorbScalarBiasIntoMultiThreshold())
    model = apply(model, 4, *forks, reorder.MoveMulPastDWConv(), Streamline(), reorder.MoveScalarLinearPastInvariants(), absorb.AbsorbScalarBiasIntoMultiThreshold())
    model = apply(model, 1, LowerConvsToMatMul(), reorder.MakeMaxPoolNHWC(), InferDataTypes())
    model = apply(model, 6, absorb.AbsorbTransposeIntoMultiThreshold(), reorder.MakeMaxPoolNHWC(), reorder.MoveTransposePastFork(), reorder.MoveTransposePastJoinAdd(),
                  absorb.AbsorbConsecutiveTransposes(), reorder.MoveTransposePastScalarMul(), absorb.AbsorbTransposeIntoFlatten())
    model = apply(model, 3, reorder.MoveScalesPastIm2Col(), Streamline(), *forks)
    return apply(model, 1, InferDataTypes(), InferDataLayouts(), RemoveUnusedTensors())


def estimate(path, frames, steps):
    """The report of a flow that came to its end; None where some node is no hardware layer."""
    folder = tempfile.mkdtemp()
    config = DataflowBuildConfig(output_dir=folder, target_fps=frames, synth_clk_period_ns=10.0, board="ZCU104", shell_flow_type=ShellFlowType.VIVADO_ZYNQ,
                                 standalone_thresholds=True, generate_outputs=[DataflowOutputType.ESTIMATE_REPORTS], steps=steps, verbose=False, enable_build_pdb_debug=False)
    with open(os.path.join(folder, "log.txt"), "w") as log:
        sys.stdout.flush()
        kept = os.dup(1), os.dup(2)
        os.dup2(log.fileno(), 1), os.dup2(log.fileno(), 2)
        try:
            result = build_dataflow_cfg(path, config)
        except Exception:
            result = 1
        finally:
            os.dup2(kept[0], 1), os.dup2(kept[1], 2)
    if result != 0:
        return None
    read = lambda name: json.load(open(os.path.join(folder, "report", name)))
    whole = onnx.load(os.path.join(folder, "intermediate_models", "dataflow_parent.onnx")).graph.node
    return read("estimate_network_performance.json"), read("estimate_layer_resources.json")["total"], [node.op_type for node in whole if node.op_type != "StreamingDataflowPartition"]


def main():
    path, frames = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    settings.initialize_dummy_settings()
    residual = [streamline_residual if step == "step_streamline" else step for step in estimate_only_dataflow_steps]
    for name, steps in (("default", estimate_only_dataflow_steps), ("residual", residual)):
        if (report := estimate(path, frames, steps)) is None:
            continue
        speed, total, outside = report
        print(f"{os.path.basename(path)}: hardware by FINN's {name} steps: {speed['estimated_throughput_fps']:.0f} frames/s, {speed['critical_path_cycles']} cycles, "
              f"LUT {total['LUT']:.0f}, DSP {total['DSP']:.0f}, BRAM18 {total['BRAM_18K']:.0f}; outside of hardware: {', '.join(outside) or 'nothing'}")
        return 1 if {"MatMul", "Im2Col", "MultiThreshold", "AveragePool", "MaxPool"} & set(outside) else 0
    print(f"{os.path.basename(path)}: some layer is no hardware layer of FINN")
    return 1


if __name__ == "__main__":
    sys.exit(main())
