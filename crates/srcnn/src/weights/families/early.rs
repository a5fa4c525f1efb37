//! Networks of plain layers: FSRCNN (arXiv 1608.00367), ESPCN (arXiv 1609.05158), VDSR (arXiv 1511.04587), DnCNN (arXiv 1608.03981) and
//! AR-CNN (arXiv 1504.06993), as their reimplementations in PyTorch name their tensors.

use super::plan::{Plan, shuffle_factor};
use crate::color::LumaRange;
use crate::model::Facts;
use crate::model::graph::{Function, Graph, GraphError, Operation, Sides, Value};
use crate::resample::{Convention, Edge};

/// Rows and columns of FSRCNN's last kernel, and of the zeros around it.
const LAST: usize = 9;

/// yjn870's and Lornatang's FSRCNN. The factor is the stride of the last layer, which no tensor tells.
pub(super) fn fsrcnn(plan: &mut Plan<'_>) -> Option<()> {
    let input = plan.input(1);
    // First layer, pairs of layers and PReLU, last layer.
    let last = if plan.has("last_part.weight") {
        let middle = plan.numbers("mid_part.", "", 0, 2);
        let names = middle.iter().map(|i| (format!("mid_part.{i}"), format!("mid_part.{}", i + 1)));
        let first = ("first_part.0".to_owned(), "first_part.1".to_owned());
        let value = pairs(plan, input, std::iter::once(first).chain(names))?;
        (value, "last_part")
    } else {
        let middle = plan.numbers("map.", "", 0, 2);
        let names = middle.iter().map(|i| (format!("map.{i}"), format!("map.{}", i + 1)));
        let named = |name: &str| (format!("{name}.0"), format!("{name}.1"));
        let ends = [named("feature_extraction"), named("shrink")].into_iter().chain(names);
        let value = pairs(plan, input, ends.chain([named("expand")]))?;
        (value, "deconv")
    };
    let [.., rows, columns] = plan.kernel(last.1)?;
    if [rows, columns] != [LAST; 2] {
        return None;
    }
    plan.transposed(last.0, last.1, 2, cut(2))?;
    plan.rescale = Some(rescaled);
    // They learnt BT.601's studio luma divided by 255.
    plan.facts.luma = Some(LumaRange::Studio);
    Some(())
}

/// What is cut of FSRCNN's last layer so that its result is `scale` times as large.
fn cut(scale: usize) -> Sides {
    let half = LAST / 2;
    let rest = (half + 1).saturating_sub(scale);
    Sides { top: half, left: half, bottom: rest, right: rest }
}

/// FSRCNN for a factor.
fn rescaled(graph: &Graph, scale: usize) -> Result<Graph, GraphError> {
    let mut nodes = graph.nodes().to_vec();
    if let Some(Operation::Transposed(last)) = nodes.last_mut().map(|node| &mut node.operation) {
        (last.stride, last.cut) = (scale, cut(scale));
    }
    Graph::new(graph.channels(), nodes)
}

/// Convolutions, each followed by PReLU.
fn pairs(plan: &mut Plan<'_>, mut value: Value, names: impl Iterator<Item = (String, String)>) -> Option<Value> {
    for (layer, slopes) in names {
        let [channels, ..] = plan.kernel(&layer)?;
        value = plan.convolution(value, &layer)?;
        value = plan.prelu(value, &slopes, channels)?;
    }
    Some(value)
}

/// yjn870's and Lornatang's ESPCN: tanh after all layers but the last.
pub(super) fn espcn(plan: &mut Plan<'_>) -> Option<()> {
    let names = if plan.has("last_part.0.weight") {
        ["first_part.0", "first_part.2", "last_part.0"]
    } else {
        ["feature_maps.0", "feature_maps.2", "sub_pixel.0"]
    };
    let [outputs, ..] = plan.kernel(names[2])?;
    let factor = shuffle_factor(outputs, 1)?;
    let mut value = plan.input(1);
    for name in &names[..2] {
        value = plan.convolution(value, name)?;
        value = plan.function(value, Function::Tanh);
    }
    value = plan.convolution(value, names[2])?;
    plan.shuffle(value, factor);
    plan.facts.luma = Some(LumaRange::Studio);
    Some(())
}

/// twtygqyy's and Lornatang's VDSR: the picture, enlarged by bicubic, is added to the result.
pub(super) fn vdsr(plan: &mut Plan<'_>) -> Option<()> {
    let (first, inner, last) = match plan.has("residual_layer.0.conv.weight") {
        true => ("input", "residual_layer.", "output"),
        false => ("conv1.0", "trunk.", "conv2"),
    };
    let [_, channels, ..] = plan.kernel(first)?;
    let numbers = plan.numbers(inner, ".conv", 0, 1);
    let names = numbers.iter().map(|i| format!("{inner}{i}.conv")).chain([first.to_owned(), last.to_owned()]);
    if numbers.is_empty() || !plan.are_of_size(names, 3) {
        return None;
    }
    let input = plan.input(channels);
    let mut value = plan.convolution(input, first)?;
    value = plan.function(value, Function::Relu);
    for i in numbers {
        value = plan.convolution(value, &format!("{inner}{i}.conv"))?;
        value = plan.function(value, Function::Relu);
    }
    value = plan.convolution(value, last)?;
    plan.add(&[value, input]);
    plan.facts = Facts {
        interpolation: Some(Convention::MatlabBicubic(Edge::Mirror)),
        luma: Some(LumaRange::Studio),
        ..Facts::default()
    };
    Some(())
}

/// Fewest layers by which KAIR's DnCNN is told from other chains under the same names.
const DNCNN: usize = 15;

/// KAIR's DnCNN without normalisation, which is folded into its layers: the noise that it finds is taken from the picture.
pub(super) fn dncnn(plan: &mut Plan<'_>) -> Option<()> {
    let numbers = plan.numbers("model.", "", 0, 2);
    let shapes: Option<Vec<_>> = numbers.iter().map(|i| plan.kernel(&format!("model.{i}"))).collect();
    let shapes = shapes?;
    let ([_, channels, ..], [last, ..]) = (*shapes.first()?, *shapes.last()?);
    let plain = shapes.iter().all(|[.., rows, columns]| (*rows, *columns) == (3, 3));
    if numbers.len() < DNCNN || !plain || channels != last || !matches!(channels, 1 | 3) {
        return None;
    }
    let input = plan.input(channels);
    let mut value = input;
    for i in &numbers[..numbers.len() - 1] {
        value = plan.convolution(value, &format!("model.{i}"))?;
        value = plan.function(value, Function::Relu);
    }
    value = plan.negative_convolution(value, &format!("model.{}", numbers[numbers.len() - 1]))?;
    plan.add(&[input, value]);
    plan.facts = Facts { scale: Some(1), luma: Some(LumaRange::Full), ..Facts::default() };
    plan.remark = Some("taken for KAIR's DnCNN by its layers: what they give is taken from the picture");
    Some(())
}

/// yjn870's AR-CNN: PReLU after all layers but the last.
pub(super) fn arcnn(plan: &mut Plan<'_>) -> Option<()> {
    let [_, channels, ..] = plan.kernel("base.0")?;
    let input = plan.input(channels);
    let numbers = plan.numbers("base.", "", 0, 2);
    let names: Vec<_> = numbers.iter().map(|i| (format!("base.{i}"), format!("base.{}", i + 1))).collect();
    let value = pairs(plan, input, names.into_iter())?;
    plan.convolution(value, "last")?;
    plan.facts = Facts { scale: Some(1), ..Facts::default() };
    Some(())
}
