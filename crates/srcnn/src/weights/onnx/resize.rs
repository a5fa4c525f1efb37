//! What a `Resize` before a network says of the model: how its input was enlarged, and by how much.

use super::fold;
use super::graph::{Graph, Node};
use crate::model::Facts;
use crate::resample::{Convention, Edge};

/// Scale and interpolation, as far as they can be told, and a remark for people. `shape` is the input's.
pub(super) fn facts(graph: &Graph<'_>, node: &Node<'_>, shape: &[i64]) -> (Facts, String) {
    let facts = Facts { scale: scale(graph, node, shape), interpolation: interpolation(node), ..Facts::default() };
    let mode = node.text("mode").unwrap_or("nearest");
    let position = node.text("coordinate_transformation_mode").unwrap_or("half_pixel");
    let by = facts.scale.map_or_else(|| "a factor that it does not say".to_owned(), |s| s.to_string());
    let told = match facts.interpolation {
        Some(convention) => format!("taken as {convention}"),
        None => "which is none of the conventions known".to_owned(),
    };
    let remark = format!("it enlarges its input itself, by {by}, {mode}, {position}: {told}");
    (facts, remark)
}

fn interpolation(node: &Node<'_>) -> Option<Convention> {
    // The older operator places pixels by their corners.
    let centred = node.operator == "Resize"
        && matches!(node.text("coordinate_transformation_mode"), None | Some("half_pixel" | "pytorch_half_pixel"));
    if !centred {
        return None;
    }
    let coefficient = node.float("cubic_coeff_a").unwrap_or(-0.75);
    let excluded = node.int("exclude_outside").unwrap_or(0) != 0;
    match (node.text("mode")?, coefficient, excluded) {
        ("linear", _, false) => Some(Convention::OpencvLinear),
        ("cubic", -0.75, false) => Some(Convention::OpencvCubic),
        ("cubic", -0.5, false) => Some(Convention::MatlabBicubic(Edge::Replicate)),
        ("cubic", -0.5, true) => Some(Convention::PillowBicubic),
        _ => None,
    }
}

fn scale(graph: &Graph<'_>, node: &Node<'_>, shape: &[i64]) -> Option<u32> {
    let list = |name: Option<&str>| name.and_then(|n| fold::list(graph, n)).and_then(Result::ok);
    let four = |list: Vec<f64>| <[f64; 4]>::try_from(list).ok();
    let attribute = node.floats("scales").map(|s| s.iter().map(|&s| f64::from(s)).collect::<Vec<_>>());
    let scales = attribute.or_else(|| list(node.input(2))).or_else(|| list(node.input(1))).and_then(four);
    let sizes = || {
        let sizes = list(node.input(3)).and_then(four)?;
        let shape = <[i64; 4]>::try_from(shape).ok().filter(|s| s[2] > 0 && s[3] > 0)?;
        Some([1.0, 1.0, sizes[2] / shape[2] as f64, sizes[3] / shape[3] as f64])
    };
    let [one, same, rows, columns] = scales.or_else(sizes)?;
    let whole = rows.fract() == 0.0 && (1.0..=16.0).contains(&rows);
    (one == 1.0 && same == 1.0 && rows == columns && whole).then_some(rows as u32)
}
