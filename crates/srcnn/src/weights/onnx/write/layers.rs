//! Layers of a chain.

use super::message::{Parts, floats, ints, node, tensor, text};
use crate::model::{Activation, LayerSpec, LayerWeights, Padding};
use crate::weights::onnx::schema::{FLOAT, INT64};

impl Parts {
    /// Adds a layer that takes the tensor `input`; returns the name of its output.
    pub(super) fn layer(
        &mut self,
        name: &str,
        spec: &LayerSpec,
        weights: &LayerWeights,
        input: &str,
        last: bool,
    ) -> String {
        let (kernel, half) = (spec.kernel as i64, spec.kernel as i64 / 2);
        let relu = spec.activation == Activation::Relu;
        let output = |ends: bool, part: &str| if ends && last { "output".to_owned() } else { format!("{name}.{part}") };
        let mut data = input.to_owned();
        if spec.padding == Padding::Replicate && half > 0 {
            let sizes = format!("{name}.pads");
            let pads = [0, 0, half, half, 0, 0, half, half];
            let bytes: Vec<u8> = pads.iter().flat_map(|p: &i64| p.to_le_bytes()).collect();
            self.tensors.push(tensor(&sizes, INT64, &[8], &bytes));
            let padded = format!("{name}.padded");
            let mode = text("mode", "edge");
            self.nodes.push(node("Pad", &format!("{name}.pad"), &[&data, &sizes], &padded, [mode]));
            data = padded;
        }
        let own = if spec.padding == Padding::Zero { half } else { 0 };
        let names = [format!("{name}.weight"), format!("{name}.bias")];
        let shape = [spec.outputs, spec.inputs, spec.kernel, spec.kernel].map(|n| n as i64);
        self.tensors.push(tensor(&names[0], FLOAT, &shape, &floats(&weights.kernels)));
        self.tensors.push(tensor(&names[1], FLOAT, &shape[..1], &floats(&weights.biases)));
        let sums = output(!relu, "sums");
        let attributes = [ints("kernel_shape", &[kernel; 2]), ints("pads", &[own; 4]), ints("strides", &[1; 2])];
        let inputs = [data.as_str(), &names[0], &names[1]];
        self.nodes.push(node("Conv", &format!("{name}.conv"), &inputs, &sums, attributes));
        if !relu {
            return sums;
        }
        let positive = output(true, "relu");
        self.nodes.push(node("Relu", &format!("{name}.activation"), &[&sums], &positive, []));
        positive
    }
}
