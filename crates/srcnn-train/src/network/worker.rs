//! Forward and backward passes of one sample.

use srcnn::plane::Plane;
use srcnn_kernels::{Channels, padded};

use super::chain::{Link, Network, Stage};
use super::layer::Activation;
use super::sheet::Sheet;

/// Buffers for the passes of one sample at a time, and sums of gradients. A worker belongs to one network.
#[derive(Clone, Debug, Default)]
pub struct Worker {
    size: (usize, usize),
    /// The input of each link, with a frame for its padding; last, the output.
    values: Vec<Sheet>,
    /// Outputs of convolutions before their activation, if the backward pass needs them.
    before: Vec<Option<Sheet>>,
    /// The gradient of each link's output, with a frame of `taps - 1` zeros for a convolution.
    gradients: Vec<Sheet>,
    /// The gradient of each link's input, with the frame.
    framed: Vec<Option<Sheet>>,
    /// Sums of gradients for each link: those of [`srcnn_kernels::Convolution::backward_weights`], and of slopes.
    sums: Vec<(Vec<f32>, Vec<f32>)>,
}

impl Worker {
    /// Allocates buffers for samples of `size`, width and height, and sets the sums of gradients to zero.
    ///
    /// # Panics
    /// If the network has no output for this size.
    pub fn begin(&mut self, network: &Network, size: (usize, usize)) {
        for (sums, slopes) in &mut self.sums {
            sums.fill(0.0);
            slopes.fill(0.0);
        }
        if self.size == size && !self.values.is_empty() {
            return;
        }
        assert!(network.output_size(size).is_some(), "samples are larger than what the network loses");
        *self = Self { size, ..Self::default() };
        let (mut size, mut channels) = (size, Channels::Narrow(network.inputs));
        for link in &network.links {
            match link {
                Link::Convolution(stage) => {
                    let (convolution, margin) = (&stage.convolution, stage.margin());
                    self.values.push(Sheet::new(size, channels, margin));
                    let wide = matches!(channels, Channels::Wide(_)) && self.values.len() > 1;
                    self.framed.push(wide.then(|| Sheet::new(size, channels, margin)));
                    size = (size.0 - stage.loss(), size.1 - stage.loss());
                    channels = convolution.outputs();
                    let prelu = stage.activation == Activation::Prelu;
                    self.before.push(prelu.then(|| Sheet::new(size, channels, 0)));
                    self.gradients.push(Sheet::new(size, channels, convolution.taps() - 1));
                    self.sums.push((vec![0.0; convolution.sums_len()], vec![0.0; stage.slopes.len()]));
                }
                Link::PixelShuffle { factor } => {
                    self.values.push(Sheet::new(size, channels, 0));
                    self.framed.push(Some(Sheet::new(size, channels, 0)));
                    size = (size.0 * factor, size.1 * factor);
                    channels = Channels::Wide(channels.count() / (factor * factor));
                    self.before.push(None);
                    self.gradients.push(Sheet::new(size, channels, 0));
                    self.sums.push((Vec::new(), Vec::new()));
                }
            }
        }
        self.values.push(Sheet::new(size, channels, 0));
    }

    /// The forward pass of a sample.
    ///
    /// # Panics
    /// If its size is not that of [`Worker::begin`], or the number of planes is not that of the network's inputs.
    pub fn forward(&mut self, network: &Network, parameters: &[f32], input: &[Plane<f32>]) -> Vec<Plane<f32>> {
        assert!(input.len() == network.inputs && input.iter().all(|p| p.size() == self.size), "size of the sample");
        scatter(input, &mut self.values[0]);
        for (i, link) in network.links.iter().enumerate() {
            let (done, next) = self.values.split_at_mut(i + 1);
            let (from, to) = (&mut done[i], &mut next[0]);
            match link {
                Link::Convolution(stage) => {
                    from.fill_frame(stage.padding);
                    match &mut self.before[i] {
                        Some(before) => {
                            stage.convolution.forward(from.map(), before.place());
                            prelu(before, &parameters[stage.slopes.clone()], to);
                        }
                        None => {
                            stage.convolution.forward(from.map(), to.place());
                            if stage.activation == Activation::Relu {
                                for y in 0..to.height {
                                    to.row_mut(y).iter_mut().for_each(|v| *v = v.max(0.0));
                                }
                            }
                        }
                    }
                }
                Link::PixelShuffle { factor } => shuffle(from, to, *factor, |from, to| *to = *from),
            }
        }
        let mut output = gather(&self.values[network.links.len()]);
        if network.skip {
            for (plane, input) in output.iter_mut().zip(input) {
                let (width, lost) = (plane.width(), (input.width() - plane.width()) / 2);
                for (y, row) in plane.as_mut_slice().chunks_exact_mut(width).enumerate() {
                    row.iter_mut().zip(&input.row(y + lost)[lost..]).for_each(|(out, value)| *out += value);
                }
            }
        }
        output
    }

    /// The backward pass: takes the gradient of the last output, and adds to the sums of the parameters' gradients.
    ///
    /// # Panics
    /// If number or size of the planes are not those of an output.
    pub fn backward(&mut self, network: &Network, parameters: &[f32], gradient: &[Plane<f32>]) {
        let last = network.links.len() - 1;
        assert_eq!(gradient.len(), self.gradients[last].channels.count(), "planes of the output");
        let size = (self.gradients[last].width, self.gradients[last].height);
        assert!(gradient.iter().all(|plane| plane.size() == size), "size of the output");
        scatter(gradient, &mut self.gradients[last]);
        for (i, link) in network.links.iter().enumerate().rev() {
            let output = &self.values[i + 1];
            match link {
                Link::Convolution(stage) => {
                    let slopes = &mut self.sums[i].1;
                    back_activation(stage, parameters, output, self.before[i].as_ref(), &mut self.gradients[i], slopes);
                    let gradient = self.gradients[i].map();
                    stage.convolution.backward_weights(self.values[i].map(), gradient, &mut self.sums[i].0);
                    if let Some(framed) = &mut self.framed[i] {
                        let row_length = framed.map().width * framed.map().channels;
                        let place = srcnn_kernels::Place { data: &mut framed.data, row_length };
                        stage.convolution.backward_data(gradient, place);
                        framed.fold_frame(stage.padding);
                    }
                }
                Link::PixelShuffle { factor } => {
                    let framed = self.framed[i].as_mut().expect("a shuffle is never first");
                    shuffle(framed, &mut self.gradients[i], *factor, |from, to| *from = *to);
                }
            }
            if i > 0 {
                let framed = self.framed[i].as_ref().expect("inner layers have wide inputs");
                for y in 0..framed.height {
                    self.gradients[i - 1].row_mut(y).copy_from_slice(framed.row(y));
                }
            }
        }
    }

    /// Adds the sums since [`Worker::begin`] to `gradients`, one for each parameter.
    ///
    /// # Panics
    /// If the number of gradients is not that of the parameters.
    pub fn add_gradients(&self, network: &Network, gradients: &mut [f32]) {
        assert_eq!(gradients.len(), network.parameters, "one gradient a parameter");
        for (link, (sums, slopes)) in network.links.iter().zip(&self.sums) {
            let Link::Convolution(stage) = link else { continue };
            let (mut kernels, mut biases) = (vec![0.0; stage.kernels.len()], vec![0.0; stage.biases.len()]);
            stage.convolution.unpack(sums, &mut kernels, &mut biases);
            for (range, values) in [(&stage.kernels, &kernels), (&stage.biases, &biases), (&stage.slopes, slopes)] {
                gradients[range.clone()].iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
        }
    }
}

/// Copies planes to the pixels of a sheet.
fn scatter(planes: &[Plane<f32>], sheet: &mut Sheet) {
    let stored = sheet.channels.stored();
    for (c, plane) in planes.iter().enumerate() {
        for y in 0..sheet.height {
            let pixels = sheet.row_mut(y).iter_mut().skip(c).step_by(stored);
            pixels.zip(plane.row(y)).for_each(|(to, from)| *to = *from);
        }
    }
}

/// The channels of a sheet as planes.
fn gather(sheet: &Sheet) -> Vec<Plane<f32>> {
    let stored = sheet.channels.stored();
    let plane = |c| Plane::from_fn(sheet.width, sheet.height, |x, y| sheet.row(y)[x * stored + c]);
    (0..sheet.channels.count()).map(plane).collect()
}

/// The forward pass of PReLU.
fn prelu(before: &Sheet, slopes: &[f32], after: &mut Sheet) {
    let stored = before.channels.stored();
    for y in 0..before.height {
        let pixels = before.row(y).chunks_exact(stored).zip(after.row_mut(y).chunks_exact_mut(stored));
        for (from, to) in pixels {
            for ((from, to), slope) in from.iter().zip(to).zip(slopes) {
                *to = if *from > 0.0 { *from } else { slope * from };
            }
        }
    }
}

/// The backward pass of an activation: replaces the gradient of its output by that of its input, and adds to those of slopes.
fn back_activation(
    stage: &Stage,
    parameters: &[f32],
    output: &Sheet,
    before: Option<&Sheet>,
    gradient: &mut Sheet,
    sums: &mut [f32],
) {
    match (stage.activation, before) {
        (Activation::None, _) => {}
        (Activation::Relu, _) => {
            for y in 0..gradient.height {
                for (gradient, value) in gradient.row_mut(y).iter_mut().zip(output.row(y)) {
                    *gradient = if *value > 0.0 { *gradient } else { 0.0 };
                }
            }
        }
        (Activation::Prelu, before) => {
            let before = before.expect("kept for this activation");
            let (slopes, stored) = (&parameters[stage.slopes.clone()], before.channels.stored());
            for y in 0..gradient.height {
                let pixels = gradient.row_mut(y).chunks_exact_mut(stored).zip(before.row(y).chunks_exact(stored));
                for (gradient, before) in pixels {
                    for (c, (slope, sum)) in slopes.iter().zip(sums.iter_mut()).enumerate() {
                        if before[c] <= 0.0 {
                            *sum += gradient[c] * before[c];
                            gradient[c] *= slope;
                        }
                    }
                }
            }
        }
    }
}

/// Calls `f` with each value before a pixel shuffle and its place after it.
fn shuffle(before: &mut Sheet, after: &mut Sheet, factor: usize, f: impl Fn(&mut f32, &mut f32)) {
    let (stored, count) = (before.channels.stored(), before.channels.count());
    let after_stored = after.channels.stored();
    debug_assert_eq!(padded(after.channels.count()), after_stored);
    for y in 0..before.height {
        for x in 0..before.width {
            for c in 0..count {
                let (plane, dy, dx) = (c / (factor * factor), c / factor % factor, c % factor);
                let from = &mut before.row_mut(y)[x * stored + c];
                f(from, &mut after.row_mut(y * factor + dy)[(x * factor + dx) * after_stored + plane]);
            }
        }
    }
}
