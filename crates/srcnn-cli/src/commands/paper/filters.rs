//! `srcnn paper filters`.

use std::path::Path;

use anyhow::{Context, Result};
use srcnn::Image;
use srcnn::color::Ycc;
use srcnn::engine::Reference;
use srcnn::image::Pixels;
use srcnn::model::{Input, Model, Padding};
use srcnn::plane::{Plane, Rect};
use srcnn::quantize::to_u8;
use srcnn::resample::resize_plane;
use srcnn::upscale::UpscaleError;
use srcnn_eval::figure::filters;

use crate::args::FiltersArgs;
use crate::names::shown;
use crate::outcome::{Outcome, Usage};
use crate::outputs::Outputs;
use crate::terminal::Terminal;
use crate::{batch, model_choice};

/// Width and height of a drawn weight, in pixels.
const ZOOM: usize = 6;
/// Longest side of the network's input, in pixels.
const LONGEST: usize = 480;
/// Largest width of a drawn feature map, in pixels.
const WIDEST: usize = 240;

pub fn run(args: &FiltersArgs, terminal: &Terminal) -> Result<Outcome> {
    let model = model_choice::for_scale(&args.model, None, terminal)?;
    let no_chain = || Usage(format!("{}: only chains of layers such as SRCNN's are drawn", model.name()));
    let architecture = model.architecture().ok_or_else(no_chain)?;
    terminal.detail(|| {
        let pre = model.preprocessing();
        format!("model {} ({architecture}, x{}, {})", model.name(), pre.scale, pre.interpolation)
    });
    let (spec, weights) = (&architecture.layers()[0], &model.weights()[0]);
    let inputs: Vec<_> = args.picture.iter().cloned().collect();
    let mut outputs = Outputs::new(args.force, &inputs);
    let mut drawn =
        vec![("filters.png".to_owned(), filters::draw(&weights.kernels, spec.outputs, spec.inputs, spec.kernel, ZOOM))];
    if let Some(path) = &args.picture {
        let (input, layers) = maps(&batch::open_image(path)?, &model).with_context(|| shown(path))?;
        let samples: Vec<Plane<u8>> = input.iter().map(|plane| plane.map(to_u8)).collect();
        drawn.push(("input.png".to_owned(), Image::from_u8(Pixels::from_planes(&samples))?));
        for (i, mut layer) in layers.into_iter().enumerate() {
            if i == 0 {
                let order = filters::by_variance(&weights.kernels, spec.outputs, spec.kernel);
                layer = order.into_iter().map(|filter| layer[filter].clone()).collect();
            }
            drawn.push((format!("layer{}.png", i + 1), filters::draw_maps(&layer, WIDEST)));
        }
    }
    let source = args.picture.as_deref().unwrap_or(Path::new("the filters"));
    let drawn: Vec<_> = drawn.into_iter().map(|(name, image)| (args.output.join(name), image)).collect();
    drawn.iter().try_for_each(|(path, _)| outputs.claim(source, path))?;
    for (path, image) in &drawn {
        outputs.write_picture(path, image, 95, terminal)?;
        terminal.detail(|| shown(path));
    }
    Ok(Outcome::Done)
}

type Planes = Vec<Plane<f32>>;

/// The network's input for a picture, or for the middle of a large one, and the feature maps of every layer, edges
/// replicated.
fn maps(image: &Image, model: &Model) -> Result<(Planes, Vec<Planes>)> {
    let preprocessing = model.preprocessing();
    let scale = preprocessing.scale as usize;
    let most = (LONGEST / scale).max(1);
    let (width, height) = (image.width().min(most), image.height().min(most));
    let middle = Rect { x: (image.width() - width) / 2, y: (image.height() - height) / 2, width, height };
    let rgb = image.crop(middle)?.to_rgb8();
    let ycc = Ycc::new(preprocessing.luma);
    let [r, g, b] = [0, 1, 2].map(|c| rgb.channel_map(c, |v| f32::from(v) / 255.0));
    let planes = match model.input() {
        Input::Rgb => vec![r, g, b],
        Input::Ycbcr => return Err(UpscaleError::Ycbcr.into()),
        Input::Y => {
            vec![Plane::from_fn(width, height, |x, y| ycc.from_rgb([r.row(y)[x], g.row(y)[x], b.row(y)[x]])[0])]
        }
    };
    let enlarged =
        |plane: &Plane<f32>| resize_plane(plane, (width * scale, height * scale), preprocessing.interpolation);
    let planes = planes.iter().map(enlarged).collect::<Result<Vec<_>, _>>()?;
    let layers = Reference::with_padding(model, Padding::Replicate).feature_maps(&planes)?;
    Ok((planes, layers))
}
