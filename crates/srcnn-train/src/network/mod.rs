//! Networks that learn: chains of layers, each with a forward and a backward pass.
//!
//! Parameters are one vector of f32: for each layer its kernels (filter, input, row, column), its biases, and the slopes of
//! its activation. A [`Worker`] takes one sample at a time through the chain and back, and adds up gradients; samples share
//! nothing, so that workers run side by side.

mod sheet;
mod worker;

use std::ops::Range;

use srcnn::engine::Isa;
use srcnn::model::Padding;
use srcnn_kernels::{Channels, Convolution};
pub use worker::Worker;

/// What follows a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// Negative values become zero.
    Relu,
    /// Negative values are multiplied by a slope that is learnt, one a channel (He et al. 2015).
    Prelu,
}

/// One layer of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// A convolution with biases, and what follows it.
    Convolution {
        /// Rows and columns of a kernel.
        taps: usize,
        /// Filters.
        filters: usize,
        /// What lies beyond the edges of its input.
        padding: Padding,
        /// What follows it.
        activation: Activation,
    },
    /// Channels become pixels: `factor^2` channels give a square of that many (Shi et al. 2016). Channel `c f^2 + y f + x`
    /// is the pixel in row `y`, column `x` of the square of channel `c`.
    PixelShuffle {
        /// Side of the square.
        factor: usize,
    },
}

/// A chain that cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// Nothing to learn.
    #[error("a network needs a convolution first")]
    NoConvolution,
    /// A zero.
    #[error("layer {layer}: kernels, filters and inputs must not be zero")]
    Zero {
        /// Counted from 1.
        layer: usize,
    },
    /// Padding keeps the size only around a centre.
    #[error("layer {layer}: kernels of {taps}x{taps} have no centre; a padded layer needs an odd size")]
    Even {
        /// Counted from 1.
        layer: usize,
        /// Rows and columns of a kernel.
        taps: usize,
    },
    /// Channels that do not fill squares.
    #[error("layer {layer}: {channels} channels cannot be shuffled into squares of {factor}x{factor}")]
    Shuffle {
        /// Counted from 1.
        layer: usize,
        /// Channels there are.
        channels: usize,
        /// Side of a square.
        factor: usize,
    },
    /// A skip from the input to an output of another size.
    #[error("the input cannot be added to an output of other channels or another scale")]
    Skip,
}

/// A convolution of the chain and where its parameters lie.
#[derive(Clone, Debug)]
struct Stage {
    convolution: Convolution,
    padding: Padding,
    activation: Activation,
    kernels: Range<usize>,
    biases: Range<usize>,
    slopes: Range<usize>,
}

#[derive(Clone, Debug)]
enum Link {
    Convolution(Box<Stage>),
    PixelShuffle { factor: usize },
}

/// A chain of layers, ready to run with the parameters last given to [`Network::load`].
#[derive(Clone, Debug)]
pub struct Network {
    inputs: usize,
    links: Vec<Link>,
    skip: bool,
    parameters: usize,
}

impl Network {
    /// Builds a chain for `inputs` channels. With `skip`, the input (its middle, where layers lose border) is added to the
    /// output.
    ///
    /// # Errors
    /// [`NetworkError`].
    pub fn new(isa: Isa, inputs: usize, layers: &[Layer], skip: bool) -> Result<Self, NetworkError> {
        let last = layers.iter().rposition(|layer| matches!(layer, Layer::Convolution { .. }));
        let (mut at, mut channels, mut scale) = (0, Channels::Narrow(inputs), 1);
        let mut links = Vec::new();
        for (i, layer) in layers.iter().enumerate() {
            let number = i + 1;
            match *layer {
                Layer::Convolution { taps, filters, padding, activation } => {
                    if taps == 0 || filters == 0 || channels.count() == 0 {
                        return Err(NetworkError::Zero { layer: number });
                    }
                    if padding != Padding::Valid && taps % 2 == 0 {
                        return Err(NetworkError::Even { layer: number, taps });
                    }
                    // Few filters are cheaper as they are, but one side must be wide.
                    let narrow = Some(i) == last && filters <= NARROW && matches!(channels, Channels::Wide(_));
                    let outputs = if narrow { Channels::Narrow(filters) } else { Channels::Wide(filters) };
                    let kernels = at..at + filters * channels.count() * taps * taps;
                    let biases = kernels.end..kernels.end + filters;
                    let slopes = biases.end..biases.end + if activation == Activation::Prelu { filters } else { 0 };
                    at = slopes.end;
                    let convolution = Convolution::new(isa, taps, channels, outputs);
                    links.push(Link::Convolution(Box::new(Stage {
                        convolution,
                        padding,
                        activation,
                        kernels,
                        biases,
                        slopes,
                    })));
                    channels = outputs;
                }
                Layer::PixelShuffle { factor } => {
                    let count = channels.count();
                    if i == 0 {
                        return Err(NetworkError::NoConvolution);
                    }
                    let square =
                        factor.checked_mul(factor).filter(|square| *square > 0 && count.is_multiple_of(*square));
                    let Some(square) = square else {
                        return Err(NetworkError::Shuffle { layer: number, channels: count, factor });
                    };
                    links.push(Link::PixelShuffle { factor });
                    channels = Channels::Wide(count / square);
                    scale *= factor;
                }
            }
        }
        if at == 0 {
            return Err(NetworkError::NoConvolution);
        }
        if skip && (scale != 1 || channels.count() != inputs) {
            return Err(NetworkError::Skip);
        }
        Ok(Self { inputs, links, skip, parameters: at })
    }

    /// Numbers that are learnt.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// Channels of the input.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Where the parameters of each convolution lie: kernels, biases, slopes.
    pub fn ranges(&self) -> impl Iterator<Item = [Range<usize>; 3]> + '_ {
        self.stages().map(|stage| [stage.kernels.clone(), stage.biases.clone(), stage.slopes.clone()])
    }

    fn stages(&self) -> impl Iterator<Item = &Stage> {
        self.links.iter().filter_map(|link| match link {
            Link::Convolution(stage) => Some(&**stage),
            Link::PixelShuffle { .. } => None,
        })
    }

    /// Takes parameters for the passes to come.
    ///
    /// # Panics
    /// If there are not [`Network::parameters`] of them.
    pub fn load(&mut self, parameters: &[f32]) {
        assert_eq!(parameters.len(), self.parameters, "parameters of the network");
        for link in &mut self.links {
            if let Link::Convolution(stage) = link {
                stage.convolution.load(&parameters[stage.kernels.clone()], &parameters[stage.biases.clone()]);
            }
        }
    }

    /// The size of the output for an input of `size`; nothing if a layer would have none.
    pub fn output_size(&self, size: (usize, usize)) -> Option<(usize, usize)> {
        self.links.iter().try_fold(size, |(width, height), link| match link {
            Link::PixelShuffle { factor } => Some((width * factor, height * factor)),
            Link::Convolution(stage) => {
                let loss = stage.loss();
                (width > loss && height > loss).then(|| (width - loss, height - loss))
            }
        })
    }
}

/// Outputs of so few channels are stored as they are.
const NARROW: usize = 4;

impl Stage {
    /// Pixels that lie beyond each edge of the input.
    fn margin(&self) -> usize {
        if self.padding == Padding::Valid { 0 } else { self.convolution.taps() / 2 }
    }

    /// Rows and columns by which the output is smaller.
    fn loss(&self) -> usize {
        self.convolution.taps() - 1 - 2 * self.margin()
    }
}

#[cfg(test)]
mod tests;
