//! Real-ESRGAN's compact networks (arXiv 2107.10833): the picture, each pixel repeated, is added to the result.

use super::plan::{Plan, shuffle_factor};

/// Real-ESRGAN's SRVGGNetCompact with PReLU. Without slopes nothing tells which function it has.
pub(super) fn srvgg(plan: &mut Plan<'_>) -> Option<()> {
    let [_, channels, ..] = plan.kernel("body.0")?;
    let input = plan.input(channels);
    let numbers = plan.numbers("body.", "", 0, 2);
    let (last, inner) = numbers.split_last()?;
    if inner.is_empty() || !plan.are_of_size(numbers.iter().map(|i| format!("body.{i}")), 3) {
        return None;
    }
    let mut value = input;
    for i in inner {
        let name = format!("body.{i}");
        let [outputs, ..] = plan.kernel(&name)?;
        value = plan.convolution(value, &name)?;
        value = plan.prelu(value, &format!("body.{}", i + 1), outputs)?;
    }
    let last = format!("body.{last}");
    let [outputs, ..] = plan.kernel(&last)?;
    let factor = shuffle_factor(outputs, channels)?;
    value = plan.convolution(value, &last)?;
    let (shuffled, repeated) = match factor {
        1 => (value, input),
        _ => (plan.shuffle(value, factor), plan.nearest(input, factor)),
    };
    plan.add(&[shuffled, repeated]);
    if factor == 1 {
        plan.facts.scale = Some(1);
    }
    Some(())
}
