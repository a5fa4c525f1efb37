use super::*;

/// Plain values of one layer and map, and the passes by definition, in f64.
struct Naive {
    taps: usize,
    inputs: usize,
    outputs: usize,
    width: usize,
    height: usize,
    kernels: Vec<f32>,
    biases: Vec<f32>,
    /// Channel, row, column.
    input: Vec<f32>,
    gradient: Vec<f32>,
}

fn noise(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

impl Naive {
    fn new(taps: usize, inputs: usize, outputs: usize, width: usize, height: usize) -> Self {
        let (out_width, out_height) = (width + 1 - taps, height + 1 - taps);
        Self {
            taps,
            inputs,
            outputs,
            width,
            height,
            kernels: noise(outputs * inputs * taps * taps, 1),
            biases: noise(outputs, 2),
            input: noise(inputs * width * height, 3),
            gradient: noise(outputs * out_width * out_height, 4),
        }
    }

    fn out_size(&self) -> (usize, usize) {
        (self.width + 1 - self.taps, self.height + 1 - self.taps)
    }

    /// Calls with (output, input, kernel) indices of every product of the convolution.
    fn each(&self, mut f: impl FnMut(usize, usize, usize)) {
        let (width, height) = self.out_size();
        for o in 0..self.outputs {
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                for i in 0..self.inputs {
                    for (dy, dx) in (0..self.taps).flat_map(|dy| (0..self.taps).map(move |dx| (dy, dx))) {
                        let kernel = ((o * self.inputs + i) * self.taps + dy) * self.taps + dx;
                        f((o * height + y) * width + x, (i * self.height + y + dy) * self.width + x + dx, kernel);
                    }
                }
            }
        }
    }

    fn forward(&self) -> Vec<f64> {
        let (width, height) = self.out_size();
        let mut out: Vec<f64> =
            (0..self.gradient.len()).map(|at| f64::from(self.biases[at / (width * height)])).collect();
        self.each(|o, i, k| out[o] += f64::from(self.input[i]) * f64::from(self.kernels[k]));
        out
    }

    fn backward_data(&self) -> Vec<f64> {
        let mut out = vec![0.0; self.input.len()];
        self.each(|o, i, k| out[i] += f64::from(self.gradient[o]) * f64::from(self.kernels[k]));
        out
    }

    fn backward_weights(&self) -> Vec<f64> {
        let mut out = vec![0.0; self.kernels.len()];
        self.each(|o, i, k| out[k] += f64::from(self.gradient[o]) * f64::from(self.input[i]));
        out
    }
}

/// Channel, row, column to rows of pixels with a frame of zeros.
fn interleaved(planes: &[f32], channels: Channels, (width, height): (usize, usize), frame: usize) -> Buffer {
    let (stored, row) = (channels.stored(), width + 2 * frame);
    let mut out = Buffer::zeros(row * (height + 2 * frame) * stored);
    for (at, value) in planes.iter().enumerate() {
        let (x, y, c) = (at % width, at / width % height, at / width / height);
        out[((y + frame) * row + x + frame) * stored + c] = *value;
    }
    out
}

fn planes(pixels: &[f32], channels: Channels, count: usize) -> Vec<f64> {
    let stored = channels.stored();
    let value = |at: usize| f64::from(pixels[(at % count) * stored + at / count]);
    (0..channels.count() * count).map(value).collect()
}

#[track_caller]
fn assert_close(case: &str, ours: &[f64], truth: &[f64]) {
    assert_eq!(ours.len(), truth.len(), "{case}");
    let size = truth.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    for (at, (a, b)) in ours.iter().zip(truth).enumerate() {
        assert!((a - b).abs() <= 2e-6 * size.max(1.0), "{case}: {a}, expected {b}, at {at}");
    }
}

#[test]
fn all_passes_agree_with_their_definition_on_every_instruction_set() {
    use Channels::{Narrow, Wide};
    println!("instruction sets: {:?}", Isa::available());
    for isa in Isa::available() {
        for (taps, inputs, outputs) in [
            (1, Wide(64), Wide(32)),
            (3, Wide(17), Wide(16)),
            (5, Wide(16), Wide(33)),
            (9, Narrow(1), Wide(64)),
            (3, Narrow(3), Wide(48)),
            (5, Wide(32), Narrow(1)),
            (3, Wide(5), Narrow(3)),
            (2, Wide(16), Wide(112)),
            (1, Narrow(1), Wide(1)),
        ] {
            for (width, height) in [(taps, taps), (taps + 1, taps + 2), (taps + 11, taps + 5), (taps + 24, taps + 1)] {
                let naive = Naive::new(taps, inputs.count(), outputs.count(), width, height);
                let case = format!("{} {taps} {inputs:?} {outputs:?} {width}x{height}", isa.name());
                let mut layer = Convolution::new(isa, taps, inputs, outputs);
                layer.load(&naive.kernels, &naive.biases);
                let (out_size, frame) = (naive.out_size(), taps - 1);
                let count = out_size.0 * out_size.1;
                let input = interleaved(&naive.input, inputs, (width, height), 0);
                let input = Map { data: &input, width, height, channels: inputs.stored() };

                let mut out = Buffer::zeros(count * outputs.stored());
                let row_length = out_size.0 * outputs.stored();
                layer.forward(input, Place { data: &mut out, row_length });
                assert_close(&format!("{case} forward"), &planes(&out, outputs, count), &naive.forward());

                let gradient = interleaved(&naive.gradient, outputs, out_size, frame);
                let (framed, channels) = ((width + frame, height + frame), outputs.stored());
                let gradient = Map { data: &gradient, width: framed.0, height: framed.1, channels };
                if let Wide(_) = inputs {
                    let mut back = Buffer::from(&noise(width * height * inputs.stored(), 9)[..]);
                    let row_length = width * inputs.stored();
                    layer.backward_data(gradient, Place { data: &mut back, row_length });
                    let back = planes(&back, inputs, width * height);
                    assert_close(&format!("{case} data"), &back, &naive.backward_data());
                }

                let mut sums = vec![0.0; layer.sums_len()];
                layer.backward_weights(input, gradient, &mut sums);
                layer.backward_weights(input, gradient, &mut sums);
                let (mut kernels, mut biases) = (vec![0.0; naive.kernels.len()], vec![0.0; naive.biases.len()]);
                layer.unpack(&sums, &mut kernels, &mut biases);
                let half = |values: &[f32]| -> Vec<f64> { values.iter().map(|v| f64::from(*v) / 2.0).collect() };
                assert_close(&format!("{case} weights"), &half(&kernels), &naive.backward_weights());
                let sum = |filter: &[f32]| filter.iter().map(|v| f64::from(*v)).sum::<f64>();
                let truth: Vec<f64> = naive.gradient.chunks_exact(count).map(sum).collect();
                assert_close(&format!("{case} biases"), &half(&biases), &truth);
            }
        }
    }
}
