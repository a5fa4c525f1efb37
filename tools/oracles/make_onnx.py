"""Writes weights/*.onnx: the small networks of make_weights.py by torch.onnx 2.15.0 and by the helpers of onnx 1.23.2.

    grey-5-3-3-torch-zero.onnx, -torch-valid, -torch-replicate   as torch.onnx exports modules of such paddings
    grey-5-3-3-same.onnx      SAME_UPPER, numbers in float_data, constants as nodes, a ReLU at the end
    grey-5-3-3-half.onnx      weights and input in half; -double.onnx: in double; truth: as for make_pytorch.py
    grey-5-3-3-resize.onnx    Resize x3 before the network, cubic with -0.75; rgb-3-1-3-resize.onnx: linear, by sizes
    grey-5-3-3-external.onnx, .onnx.data   as torch.onnx.export writes them by default, values in a file of their own
    grey-5-3-3-clip.onnx      a Clip to 0..1 at the end; -nhwc.onnx: channels last between two Transposes
    grey-5-3-3-added.onnx     biases by Add, in NHWC; those of the last layer behind an Identity
    graph-*.onnx              the same with one operator more
    refused-*.onnx            what is no network here

ours-zero.onnx, -valid, -replicate are written by srcnn: the tests hold its writer to these bytes, and onnx.checker and
onnxruntime, here, hold the bytes to their meaning (`srcnn model convert grey-5-3-3.safetensors ours-zero.onnx --padding zero
--model-scale 2 --interpolation opencv-linear --luma full`).

onnxruntime 1.32.0 runs them and what torch.onnx exports; onnx.json holds its picture in and out.
"""

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

import network
from fixture_files import out_folder, write_json


def module(layers, padding):
    convolutions = []
    for n, (weight, bias) in enumerate(layers):
        outputs, inputs, size, _ = weight.shape
        convolution = torch.nn.Conv2d(
            inputs,
            outputs,
            size,
            padding=0 if padding == "valid" else size // 2,
            padding_mode="replicate" if padding == "replicate" else "zeros",
        )
        convolution.weight.data = torch.from_numpy(weight.copy())
        convolution.bias.data = torch.from_numpy(bias.copy())
        convolutions += [convolution] + [torch.nn.ReLU()] * (n < len(layers) - 1)
    return torch.nn.Sequential(*convolutions)


def export(path, layers, padding):
    torch.onnx.export(
        module(layers, padding),
        torch.zeros(1, layers[0][0].shape[1], 16, 16),
        path,
        dynamo=False,
        input_names=["input"],
        output_names=["output"],
        dynamic_axes={"input": {2: "height", 3: "width"}, "output": {2: "height", 3: "width"}},
    )


def export_external(path, layers):
    torch.onnx.export(
        module(layers, "zero"), (torch.zeros(1, 1, 16, 16),), path, dynamo=True, external_data=True, verbose=False
    )
    # without the places of the exporting machine's source files
    model = onnx.load(path, load_external_data=False)
    for part in [model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer, *model.graph.input, *model.graph.output]:
        del part.metadata_props[:]
    onnx.save(model, path)


def graph_of(layers, start="input", pads=lambda size: [size // 2] * 4, relu_at_the_end=False):
    """nodes and initialisers of a chain"""
    nodes, tensors, at = [], [], start
    for n, (weight, bias) in enumerate(layers, 1):
        tensors += [numpy_helper.from_array(weight, f"w{n}"), numpy_helper.from_array(bias, f"b{n}")]
        last = n == len(layers)
        relu = not last or relu_at_the_end
        out = "output" if last and not relu else f"c{n}"
        nodes.append(helper.make_node("Conv", [at, f"w{n}", f"b{n}"], [out], pads=pads(weight.shape[-1])))
        at = out
        if relu:
            at = "output" if last else f"r{n}"
            nodes.append(helper.make_node("Relu", [out], [at]))
    return nodes, tensors


def save(path, nodes, tensors, channels=1, outputs=None, kind=TensorProto.FLOAT, size=(None, None), opset=13):
    shape = [1, channels, *size]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("input", kind, shape)],
        [helper.make_tensor_value_info("output", kind, [1, outputs or channels, None, None])],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main():
    out = out_folder(__doc__) / "weights"
    grey = network.random_layers(20150112, 1, ((5, 4), (3, 3), (3, 1)))
    rgb = network.random_layers(20150113, 3, ((3, 4), (1, 3), (3, 3)))
    for padding in ("zero", "valid", "replicate"):
        export(out / f"grey-5-3-3-torch-{padding}.onnx", grey, padding)

    nodes, tensors = graph_of(grey, relu_at_the_end=True)
    for node in nodes:
        if node.op_type == "Conv":
            del node.attribute[:]
            node.attribute.append(helper.make_attribute("auto_pad", "SAME_UPPER"))
    tensors = [helper.make_tensor(t.name, t.data_type, t.dims, numpy_helper.to_array(t).ravel()) for t in tensors]
    constants = [helper.make_node("Constant", [], [t.name], value=t) for t in tensors[:3]]
    save(out / "grey-5-3-3-same.onnx", constants + nodes, tensors[3:])

    for name, dtype, kind in (("half", np.float16, TensorProto.FLOAT16), ("double", np.float64, TensorProto.DOUBLE)):
        scaled = [tuple((t.astype(np.float64) * 1.1).astype(dtype) for t in layer) for layer in grey]
        save(out / f"grey-5-3-3-{name}.onnx", *graph_of(scaled), kind=kind)

    def resized(inputs, **attributes):
        return helper.make_node("Resize", inputs, ["large"], coordinate_transformation_mode="half_pixel", **attributes)

    scales = numpy_helper.from_array(np.array([1, 1, 3, 3], np.float32), "scales")
    nodes, tensors = graph_of(grey, "large")
    resize = resized(["input", "", "scales"], mode="cubic", cubic_coeff_a=-0.75)
    save(out / "grey-5-3-3-resize.onnx", [resize] + nodes, tensors + [scales])
    sizes = numpy_helper.from_array(np.array([1, 3, 32, 24], np.int64), "sizes")
    nodes, tensors = graph_of(rgb, "large", pads=lambda size: [0] * 4)
    resize = resized(["input", "", "", "sizes"], mode="linear")
    save(out / "rgb-3-1-3-resize.onnx", [resize] + nodes, tensors + [sizes], 3, size=(16, 12))

    export_external(out / "grey-5-3-3-external.onnx", grey)
    zero, one, six = (
        numpy_helper.from_array(np.array(v, np.float32), n) for v, n in ((0, "zero"), (1, "one"), (6, "six"))
    )
    nodes, tensors = graph_of(grey)
    nodes[-1].output[0] = "end"
    clip = helper.make_node("Clip", ["end", "zero", "one"], ["output"])
    save(out / "grey-5-3-3-clip.onnx", nodes + [clip], tensors + [zero, one])

    def channels_last(path, nodes, tensors):
        """a graph on channels last around nodes from `first` to `end`"""
        nodes = [
            helper.make_node("Transpose", ["input"], ["first"], perm=[0, 3, 1, 2]),
            *nodes,
            helper.make_node("Transpose", ["end"], ["output"], perm=[0, 2, 3, 1]),
        ]
        ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, None, None, 1]) for n in ("input", "output")]
        graph = helper.make_graph(nodes, "net", ends[:1], ends[1:], tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)

    nodes, tensors = graph_of(grey, "first")
    nodes[-1].output[0] = "end"
    channels_last(out / "grey-5-3-3-nhwc.onnx", nodes, tensors)

    nodes, tensors, at = [], [], "first"
    for n, (weight, bias) in enumerate(grey, 1):
        pads = [weight.shape[-1] // 2] * 4
        tensors += [numpy_helper.from_array(weight, f"w{n}"), numpy_helper.from_array(bias, f"b{n}")]
        nodes += [
            helper.make_node("Conv", [at, f"w{n}"], [f"c{n}"], pads=pads),
            helper.make_node("Transpose", [f"c{n}"], [f"t{n}"], perm=[0, 2, 3, 1]),
            helper.make_node("Identity", [f"b{n}"], [f"i{n}"]),
            helper.make_node("Add", [f"t{n}", f"i{n}"] if n % 2 else [f"i{n}", f"t{n}"], [f"s{n}"]),
        ]
        at = f"s{n}"
        if n < len(grey):
            nodes.append(helper.make_node("Relu", [at], [f"r{n}"]))
            at = f"r{n}"
        last = "end" if n == len(grey) else f"n{n}"
        nodes.append(helper.make_node("Transpose", [at], [last], perm=[0, 3, 1, 2]))
        at = last
    channels_last(out / "grey-5-3-3-added.onnx", nodes, tensors)

    def behind(name, last, extra=(), outputs=1, opset=13):
        nodes, tensors = graph_of(grey)
        nodes[-1].output[0] = "end"
        save(out / f"{name}.onnx", nodes + [last], tensors + list(extra), outputs=outputs, opset=opset)

    slope = numpy_helper.from_array(np.array([[[0.25]]], np.float32), "slope")
    behind("graph-prelu", helper.make_node("PRelu", ["end", "slope"], ["output"]), [slope])
    behind("graph-clip", helper.make_node("Clip", ["end", "zero", "six"], ["output"]), [zero, six])
    behind("refused-turned", helper.make_node("Transpose", ["end"], ["output"], perm=[0, 1, 3, 2]))
    behind("graph-residual", helper.make_node("Add", ["end", "input"], ["output"]))
    behind("graph-shuffle", helper.make_node("DepthToSpace", ["end"], ["output"], blocksize=1))
    nodes, tensors = graph_of(grey)
    nodes[0].attribute.append(helper.make_attribute("strides", [2, 2]))
    save(out / "refused-stride.onnx", nodes, tensors)
    nodes, tensors = graph_of(grey)
    pads = numpy_helper.from_array(np.array([0, 0, 2, 2, 0, 0, 2, 2]), "pads")
    pad = helper.make_node("Pad", ["input", "pads"], ["padded"], mode="reflect")
    nodes[0].input[0] = "padded"
    save(out / "refused-reflect.onnx", [pad] + nodes, tensors + [pads])
    nodes, tensors = graph_of(grey)
    tensors[0].ClearField("raw_data")
    tensors[0].data_location = TensorProto.EXTERNAL
    tensors[0].external_data.add(key="location", value="weights.bin")
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 1, None, None])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, None, None])],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    (out / "refused-external.onnx").write_bytes(model.SerializeToString())

    picture = np.random.default_rng(7).random((11, 13)).astype(np.float32)
    runs = []
    names = [f"grey-5-3-3-torch-{padding}" for padding in ("zero", "valid", "replicate")]
    for name in ("clip", "nhwc", "added", "external"):
        # The result is that of the same network in one line of convolutions.
        path = out / f"grey-5-3-3-{name}.onnx"
        plain = onnxruntime.InferenceSession(out / "grey-5-3-3-torch-zero.onnx", providers=["CPUExecutionProvider"])
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        shape = session.get_inputs()[0].shape
        square = np.random.default_rng(7).random((16, 16)).astype(np.float32)
        fed = square[None, ..., None] if shape[-1] == 1 else square[None, None]
        result = session.run(None, {session.get_inputs()[0].name: fed})[0].reshape(16, 16)
        expected = plain.run(None, {"input": square[None, None]})[0][0, 0]
        expected = expected.clip(0, 1) if name == "clip" else expected
        assert np.abs(result - expected).max() < 1e-6, name
    ours = sorted(path.stem for path in out.glob("ours-*.onnx"))
    for name in names + ours:
        onnx.checker.check_model(onnx.load(out / f"{name}.onnx"), full_check=True)
        session = onnxruntime.InferenceSession(out / f"{name}.onnx", providers=["CPUExecutionProvider"])
        result = session.run(None, {"input": picture[None, None]})[0]
        if name in ours:
            exported = next(run for run in runs if run["file"].endswith(name.removeprefix("ours") + ".onnx"))
            assert np.abs(result[0, 0] - exported["output"]).max() < 1e-6
        runs.append({"file": f"{name}.onnx", "output": [[float(v) for v in row] for row in result[0, 0]]})
    write_json(out / "onnx.json", {"input": [[float(v) for v in row] for row in picture]}, runs=runs)
    for path in sorted(out.glob("*.onnx")):
        assert path.stat().st_size < 30_000, path


if __name__ == "__main__":
    main()
