//! A chain of layers, packed for the kernels.

use std::ops::Range;

use srcnn::engine::Isa;
use srcnn::model::Padding;
use srcnn_kernels::{Channels, Convolution};

use super::error::NetworkError;
use super::layer::{Activation, Layer};

/// A convolution of the chain, and the ranges of its parameters.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) convolution: Convolution,
    pub(super) padding: Padding,
    pub(super) activation: Activation,
    pub(super) kernels: Range<usize>,
    pub(super) biases: Range<usize>,
    pub(super) slopes: Range<usize>,
}

/// A packed layer.
#[derive(Clone, Debug)]
pub(super) enum Link {
    Convolution(Box<Stage>),
    PixelShuffle { factor: usize },
}

/// A chain of layers with the parameters last given to [`Network::load`].
#[derive(Clone, Debug)]
pub struct Network {
    pub(super) inputs: usize,
    pub(super) links: Vec<Link>,
    pub(super) skip: bool,
    pub(super) parameters: usize,
}

impl Network {
    /// A chain for `inputs` channels. With `skip`, the input is added to the output; its centre if layers lose a border.
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
                    // Unpadded channels are faster for few filters, but one side of a convolution must be wide.
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

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// Number of input channels.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The ranges of each convolution's parameters: kernels, biases, slopes.
    pub fn ranges(&self) -> impl Iterator<Item = [Range<usize>; 3]> + '_ {
        self.stages().map(|stage| [stage.kernels.clone(), stage.biases.clone(), stage.slopes.clone()])
    }

    /// The convolutions.
    fn stages(&self) -> impl Iterator<Item = &Stage> {
        self.links.iter().filter_map(|link| match link {
            Link::Convolution(stage) => Some(&**stage),
            Link::PixelShuffle { .. } => None,
        })
    }

    /// Packs parameters for the next passes.
    ///
    /// # Panics
    /// If their number is not [`Network::parameters`].
    pub fn load(&mut self, parameters: &[f32]) {
        assert_eq!(parameters.len(), self.parameters, "parameters of the network");
        for link in &mut self.links {
            if let Link::Convolution(stage) = link {
                stage.convolution.load(&parameters[stage.kernels.clone()], &parameters[stage.biases.clone()]);
            }
        }
    }

    /// The size of the output for an input of `size`, width and height; none if the input is smaller than the border lost.
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

/// Outputs of at most this many channels are stored without padding of channels.
const NARROW: usize = 4;

impl Stage {
    /// Pixels of padding on each side of the input.
    pub(super) fn margin(&self) -> usize {
        if self.padding == Padding::Valid { 0 } else { self.convolution.taps() / 2 }
    }

    /// Rows and columns by which the output is smaller than the input.
    pub(super) fn loss(&self) -> usize {
        self.convolution.taps() - 1 - 2 * self.margin()
    }
}
