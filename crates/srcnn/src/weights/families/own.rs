//! This project's own fast networks, as `tools/train_fast.py` writes them: chains of 3x3 with PReLU at the small size, whose last channels
//! become pixels, which are added to MATLAB's bicubic enlargement of the picture; or, for restoring, at half the size, added to the
//! picture.

use super::plan::{Plan, shuffle_factor};
use crate::color::LumaRange;
use crate::model::graph::Fill;
use crate::resample::{Convention, Edge};

/// Networks that enlarge luma, and that restore it after JPEG.
pub(super) fn fast(plan: &mut Plan<'_>) -> Option<()> {
    plan.shape("layer1.prelu")?;
    let numbers = plan.numbers("layer", "", 1, 1);
    let name = |i: usize| format!("layer{i}");
    let ([_, inputs, ..], [outputs, ..]) = (plan.kernel(&name(1))?, plan.kernel(&name(numbers.len()))?);
    let (gathered, factor) = (shuffle_factor(inputs, 1)?, shuffle_factor(outputs, 1)?);
    let input = plan.input(1);
    let mut value = if gathered > 1 { plan.unshuffle(input, gathered) } else { input };
    for i in numbers {
        let [channels, ..] = plan.kernel(&name(i))?;
        value = plan.filled_convolution(value, &name(i), Fill::Replicate)?;
        if plan.has(&format!("layer{i}.prelu")) {
            value = plan.slopes(value, &format!("layer{i}.prelu"), channels)?;
        }
    }
    value = plan.shuffle(value, factor);
    let base = match (gathered, factor) {
        (1, 2..) => plan.enlarge(input, factor, Convention::MatlabBicubic(Edge::Mirror)),
        (gathered, factor) if gathered == factor => input,
        _ => return None,
    };
    plan.add(&[value, base]);
    // What JPEG left is luma as its decoder gives it.
    let restores = gathered > 1;
    plan.facts.luma = Some(if restores { LumaRange::Full } else { LumaRange::Studio });
    if restores {
        plan.facts.scale = Some(1);
    }
    Some(())
}
