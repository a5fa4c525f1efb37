//! Networks of residual blocks: ESRGAN's RRDBNet (arXiv 1809.00219, 2107.10833) and EDSR (arXiv 1707.02921).

use super::plan::{Plan, shuffle_factor};
use crate::model::graph::{Function, Value};

/// Slope of ESRGAN's leaky ReLU.
const SLOPE: f32 = 0.2;
/// Share of ESRGAN's residual blocks.
const SHARE: f32 = 0.2;

/// Names of RRDBNet's layers.
struct Names {
    first: &'static str,
    /// Before the number of a block.
    blocks: &'static str,
    /// Before the number of a dense block within a block.
    dense: &'static str,
    /// Behind the name of a layer of a dense block.
    layer: &'static str,
    /// Behind the blocks; may hold their number.
    body: String,
    enlarging: Vec<&'static str>,
    high: &'static str,
    last: &'static str,
}

/// RRDBNet as Real-ESRGAN's and BasicSR's programs name it, and as older programs of ESRGAN do.
pub(super) fn rrdb(plan: &mut Plan<'_>) -> Option<()> {
    let names = if plan.has("conv_body.weight") {
        let ends = (vec!["conv_up1", "conv_up2"], "conv_hr", "conv_last");
        names("conv_first", ["body.", ".rdb", ""], "conv_body".to_owned(), ends)
    } else if plan.has("trunk_conv.weight") {
        let ends = (vec!["upconv1", "upconv2"], "HRconv", "conv_last");
        names("conv_first", ["RRDB_trunk.", ".RDB", ""], "trunk_conv".to_owned(), ends)
    } else {
        let count = plan.numbers("model.1.sub.", ".RDB1.conv1.0", 0, 1).len();
        let body = format!("model.1.sub.{count}");
        let ends = (vec!["model.3", "model.6"], "model.8", "model.10");
        names("model.0", ["model.1.sub.", ".RDB", ".0"], body, ends)
    };
    let [width, inputs, ..] = plan.kernel(names.first)?;
    let [channels, ..] = plan.kernel(names.last)?;
    // Networks for smaller factors gather pixels first.
    let gathered = shuffle_factor(inputs, channels)?;
    let mut value = plan.input(channels);
    if gathered > 1 {
        value = plan.unshuffle(value, gathered);
    }
    let head = plan.convolution(value, names.first)?;
    let first = format!("{}1.conv1{}", names.dense, names.layer);
    let blocks = plan.numbers(names.blocks, &first, 0, 1);
    value = head;
    for i in blocks {
        let block = value;
        for j in 1..=3 {
            value = dense(plan, value, &format!("{}{i}{}{j}", names.blocks, names.dense), names.layer, width)?;
        }
        value = shared(plan, value, block, width);
    }
    value = plan.convolution(value, &names.body)?;
    value = plan.add(&[head, value]);
    for name in names.enlarging {
        value = plan.nearest(value, 2);
        value = plan.convolution(value, name)?;
        value = plan.function(value, Function::Leaky { slope: SLOPE });
    }
    value = plan.convolution(value, names.high)?;
    value = plan.function(value, Function::Leaky { slope: SLOPE });
    plan.convolution(value, names.last)?;
    if gathered == 4 {
        plan.facts.scale = Some(1);
    }
    Some(())
}

type Ends = (Vec<&'static str>, &'static str, &'static str);

fn names(first: &'static str, [blocks, dense, layer]: [&'static str; 3], body: String, ends: Ends) -> Names {
    let (enlarging, high, last) = ends;
    Names { first, blocks, dense, layer, body, enlarging, high, last }
}

/// A dense block: each layer takes all results before it.
fn dense(plan: &mut Plan<'_>, input: Value, name: &str, layer: &str, width: usize) -> Option<Value> {
    let mut found = vec![input];
    for i in 1..=4 {
        let taken = if i == 1 { input } else { plan.concatenate(&found) };
        let value = plan.convolution(taken, &format!("{name}.conv{i}{layer}"))?;
        found.push(plan.function(value, Function::Leaky { slope: SLOPE }));
    }
    let taken = plan.concatenate(&found);
    let value = plan.convolution(taken, &format!("{name}.conv5{layer}"))?;
    Some(shared(plan, value, input, width))
}

/// A share of a value, added to another.
fn shared(plan: &mut Plan<'_>, value: Value, other: Value, channels: usize) -> Value {
    let share = plan.affine(value, vec![SHARE; channels], vec![0.0; channels]);
    plan.add(&[share, other])
}

/// Mean of DIV2K's red, green and blue, which EDSR takes from its input and adds to its result; samples run to 255.
const MEAN: [f32; 3] = [0.4488, 0.4371, 0.4040];
const PEAK: f32 = 255.0;
/// Channels from which on EDSR's blocks are weighted by a tenth.
const WIDE: usize = 256;

/// The authors' EDSR.
pub(super) fn edsr(plan: &mut Plan<'_>) -> Option<()> {
    for (mean, sign) in [("sub_mean", -1.0), ("add_mean", 1.0)] {
        plan.expect(&format!("{mean}.weight"), &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
        plan.expect(&format!("{mean}.bias"), &MEAN.map(|mean| sign * PEAK * mean));
    }
    let blocks = plan.numbers("body.", ".body.0", 0, 1).len();
    let layers = |i: usize| [format!("body.{i}.body.0"), format!("body.{i}.body.2")];
    residual(plan, "head.0", (blocks, &layers), &format!("body.{blocks}"), &["tail.0.0", "tail.0.2"], "tail.1")
}

/// BasicSR's EDSR.
pub(super) fn edsr_of_basicsr(plan: &mut Plan<'_>) -> Option<()> {
    plan.pass_over("mean");
    let blocks = plan.numbers("body.", ".conv1", 0, 1).len();
    let layers = |i: usize| [format!("body.{i}.conv1"), format!("body.{i}.conv2")];
    residual(plan, "conv_first", (blocks, &layers), "conv_after_body", &["upsample.0", "upsample.2"], "conv_last")
}

fn residual(
    plan: &mut Plan<'_>,
    first: &str,
    (blocks, layers): (usize, &dyn Fn(usize) -> [String; 2]),
    body: &str,
    enlarging: &[&str],
    last: &str,
) -> Option<()> {
    let [width, channels, ..] = plan.kernel(first)?;
    if channels != MEAN.len() || blocks == 0 {
        return None;
    }
    let input = plan.input(channels);
    let centred = plan.affine(input, vec![PEAK; channels], MEAN.map(|mean| -PEAK * mean).to_vec());
    let head = plan.convolution(centred, first)?;
    let mut value = head;
    for i in 0..blocks {
        let [first, second] = layers(i);
        let inner = plan.convolution(value, &first)?;
        let inner = plan.function(inner, Function::Relu);
        let mut inner = plan.convolution(inner, &second)?;
        if width >= WIDE {
            inner = plan.affine(inner, vec![0.1; width], vec![0.0; width]);
        }
        value = plan.add(&[inner, value]);
    }
    value = plan.convolution(value, body)?;
    value = plan.add(&[value, head]);
    for name in enlarging.iter().filter(|name| plan.has(&format!("{name}.weight"))).copied().collect::<Vec<_>>() {
        let [outputs, ..] = plan.kernel(name)?;
        value = plan.convolution(value, name)?;
        value = plan.shuffle(value, shuffle_factor(outputs, width)?);
    }
    value = plan.convolution(value, last)?;
    plan.affine(value, vec![1.0 / PEAK; channels], MEAN.to_vec());
    Some(())
}
