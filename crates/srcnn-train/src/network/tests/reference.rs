//! Reference implementation of chains in f64, by the definition of convolutions.

use srcnn::model::Padding;

use crate::network::{Activation, Layer};

/// Values in the order channel, row, column.
#[derive(Clone, Debug)]
pub(super) struct Volume {
    pub channels: usize,
    pub width: usize,
    pub height: usize,
    pub values: Vec<f64>,
}

/// A chain. Its parameters have the same order as those of a [`crate::network::Network`].
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub inputs: usize,
    pub layers: Vec<Layer>,
    pub skip: bool,
}

/// The values of a forward pass.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    /// The input of each layer; last, the output without the skip.
    values: Vec<Volume>,
    /// The input of each layer's activation; empty for a pixel shuffle.
    before: Vec<Vec<f64>>,
    pub output: Volume,
}

/// Gradients of the sum of output times a given gradient.
#[derive(Clone, Debug)]
pub(super) struct Gradients {
    pub parameters: Vec<f64>,
    pub input: Vec<f64>,
}

impl Chain {
    /// The begins of kernels, biases and slopes of each layer, and their end. A pixel shuffle has none.
    pub(super) fn places(&self) -> Vec<[usize; 4]> {
        let (mut end, mut channels) = (0, self.inputs);
        let layers = self.layers.iter().map(|layer| {
            let kernels = end;
            let (mut biases, mut slopes) = (end, end);
            match *layer {
                Layer::Convolution { taps, filters, activation, .. } => {
                    biases += filters * channels * taps * taps;
                    slopes = biases + filters;
                    end = slopes + if activation == Activation::Prelu { filters } else { 0 };
                    channels = filters;
                }
                Layer::PixelShuffle { factor } => channels /= factor * factor,
            }
            [kernels, biases, slopes, end]
        });
        layers.collect()
    }

    /// Number of parameters.
    pub(super) fn parameters(&self) -> usize {
        self.places().last().expect("layers")[3]
    }

    /// The tensors of parameters: name, begin, end.
    pub(super) fn tensors(&self) -> Vec<(String, usize, usize)> {
        let names = ["kernels", "biases", "slopes"];
        let layers = self.places().into_iter().enumerate();
        let tensors = layers.flat_map(|(layer, at)| {
            names.iter().enumerate().map(move |(i, name)| (format!("{name} of layer {}", layer + 1), at[i], at[i + 1]))
        });
        tensors.filter(|(_, first, end)| first < end).collect()
    }

    /// Side of the smallest input.
    pub(super) fn smallest(&self) -> usize {
        let lost = |layer: &Layer| match *layer {
            Layer::Convolution { taps, padding: Padding::Valid, .. } => taps - 1,
            Layer::Convolution { .. } | Layer::PixelShuffle { .. } => 0,
        };
        1 + self.layers.iter().map(lost).sum::<usize>()
    }

    pub(super) fn forward(&self, parameters: &[f64], input: &Volume) -> Trace {
        let (mut values, mut before) = (vec![input.clone()], Vec::new());
        for (layer, [kernels, biases, slopes, end]) in self.layers.iter().zip(self.places()) {
            let from = values.last().expect("the input at least");
            let (to, sums) = match *layer {
                Layer::Convolution { taps, filters, padding, activation } => {
                    let products = Products { taps, filters, padding, from };
                    let (width, height) = products.size();
                    let (kernels, biases) = (&parameters[kernels..biases], &parameters[biases..slopes]);
                    let mut sums: Vec<f64> = biases.iter().flat_map(|bias| vec![*bias; width * height]).collect();
                    products.each(|o, i, k| sums[o] += from.values[i] * kernels[k]);
                    let slopes = &parameters[slopes..end];
                    let bent = sums.iter().enumerate();
                    let bent = bent.map(|(at, sum)| sum * slope(activation, slopes, at / (width * height), *sum));
                    (Volume { channels: filters, width, height, values: bent.collect() }, sums)
                }
                Layer::PixelShuffle { factor } => {
                    let channels = from.channels / (factor * factor);
                    let mut values = vec![0.0; from.values.len()];
                    shuffle(from, factor, |before, after| values[after] = from.values[before]);
                    (Volume { channels, width: from.width * factor, height: from.height * factor, values }, Vec::new())
                }
            };
            before.push(sums);
            values.push(to);
        }
        let mut output = values.last().expect("layers").clone();
        if self.skip {
            let size = (output.width, output.height);
            middle(input, size, |i, o| output.values[o] += input.values[i]);
        }
        Trace { values, before, output }
    }

    pub(super) fn backward(&self, parameters: &[f64], trace: &Trace, gradient: &[f64]) -> Gradients {
        let mut sums = vec![0.0; parameters.len()];
        let mut gradient = gradient.to_vec();
        let mut skipped = vec![0.0; trace.values[0].values.len()];
        if self.skip {
            middle(&trace.values[0], (trace.output.width, trace.output.height), |i, o| skipped[i] += gradient[o]);
        }
        let links = self.layers.iter().zip(self.places()).zip(trace.values.iter().zip(&trace.before));
        for ((layer, [kernels, biases, slopes, end]), (from, before)) in links.rev() {
            let mut back = vec![0.0; from.values.len()];
            match *layer {
                Layer::Convolution { taps, filters, padding, activation } => {
                    let products = Products { taps, filters, padding, from };
                    let area = before.len() / filters;
                    for (at, (gradient, before)) in gradient.iter_mut().zip(before).enumerate() {
                        if activation == Activation::Prelu && *before < 0.0 {
                            sums[slopes + at / area] += *gradient * before;
                        }
                        *gradient *= slope(activation, &parameters[slopes..end], at / area, *before);
                        sums[biases + at / area] += *gradient;
                    }
                    products.each(|o, i, k| {
                        sums[kernels + k] += gradient[o] * from.values[i];
                        back[i] += gradient[o] * parameters[kernels + k];
                    });
                }
                Layer::PixelShuffle { factor } => shuffle(from, factor, |before, after| back[before] = gradient[after]),
            }
            gradient = back;
        }
        let input = gradient.iter().zip(&skipped).map(|(a, b)| a + b).collect();
        Gradients { parameters: sums, input }
    }

    /// The inputs of activations with a kink.
    pub(super) fn bent<'a>(&'a self, trace: &'a Trace) -> impl Iterator<Item = f64> + 'a {
        let bends = |layer: &Layer| match layer {
            Layer::Convolution { activation, .. } => *activation != Activation::None,
            Layer::PixelShuffle { .. } => false,
        };
        let layers = self.layers.iter().zip(&trace.before).filter(move |(layer, _)| bends(layer));
        layers.flat_map(|(_, before)| before.iter().copied())
    }
}

/// The factor of an activation.
fn slope(activation: Activation, slopes: &[f64], channel: usize, before: f64) -> f64 {
    match activation {
        Activation::Relu if before < 0.0 => 0.0,
        Activation::Prelu if before < 0.0 => slopes[channel],
        Activation::None | Activation::Relu | Activation::Prelu => 1.0,
    }
}

/// A convolution of one volume.
struct Products<'a> {
    taps: usize,
    filters: usize,
    padding: Padding,
    from: &'a Volume,
}

impl Products<'_> {
    fn size(&self) -> (usize, usize) {
        let lost = if self.padding == Padding::Valid { self.taps - 1 } else { 0 };
        (self.from.width - lost, self.from.height - lost)
    }

    /// The sample under a tap along a side of `length`; none in zero padding.
    fn under(&self, place: usize, length: usize) -> Option<usize> {
        let centre = self.taps / 2;
        match self.padding {
            Padding::Valid => Some(place),
            Padding::Zero => place.checked_sub(centre).filter(|at| *at < length),
            Padding::Replicate => Some(place.saturating_sub(centre).min(length - 1)),
        }
    }

    /// Calls `f` with the (output, input, kernel) indices of every product.
    fn each(&self, mut f: impl FnMut(usize, usize, usize)) {
        let (width, height) = self.size();
        let Volume { channels, width: columns, height: rows, .. } = *self.from;
        for o in 0..self.filters {
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                for (i, dy) in (0..channels).flat_map(|i| (0..self.taps).map(move |dy| (i, dy))) {
                    let Some(row) = self.under(y + dy, rows) else { continue };
                    for dx in 0..self.taps {
                        if let Some(column) = self.under(x + dx, columns) {
                            let kernel = ((o * channels + i) * self.taps + dy) * self.taps + dx;
                            f((o * height + y) * width + x, (i * rows + row) * columns + column, kernel);
                        }
                    }
                }
            }
        }
    }
}

/// Calls `f` with the indices of every value before and after a pixel shuffle.
fn shuffle(before: &Volume, factor: usize, mut f: impl FnMut(usize, usize)) {
    let (width, height) = (before.width * factor, before.height * factor);
    for after in 0..before.values.len() {
        let (x, y, c) = (after % width, after / width % height, after / width / height);
        let channel = (c * factor + y % factor) * factor + x % factor;
        f((channel * before.height + y / factor) * before.width + x / factor, after);
    }
}

/// Calls `f` with the indices of every value at the centre of the input and of the output at the same place.
fn middle(input: &Volume, (width, height): (usize, usize), mut f: impl FnMut(usize, usize)) {
    let (left, top) = ((input.width - width) / 2, (input.height - height) / 2);
    for o in 0..input.channels * width * height {
        let (x, y, c) = (o % width, o / width % height, o / width / height);
        f((c * input.height + y + top) * input.width + x + left, o);
    }
}
