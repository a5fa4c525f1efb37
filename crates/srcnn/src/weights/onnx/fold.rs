//! Constant folding of short lists of whole numbers: PyTorch exports the sizes of a `Pad` as computations.

use super::error::TensorError;
use super::graph::{Graph, Node};

/// Operations between a list and the constants that it is computed from.
const MAX_DEPTH: usize = 16;
/// Entries of a list.
const MAX_LENGTH: usize = 64;

/// A list or a table of numbers.
#[derive(Clone)]
struct Table {
    shape: Vec<usize>,
    data: Vec<f64>,
}

/// The list of this name; nothing if it depends on more than constants, or on an unknown operator.
pub(super) fn list(graph: &Graph<'_>, name: &str) -> Option<Result<Vec<f64>, TensorError>> {
    match graph.constants.get(name) {
        Some(tensor) => Some(tensor.list()),
        None => table(graph, name, 0).map(|t| Ok(t.data)),
    }
}

fn table(graph: &Graph<'_>, name: &str, depth: usize) -> Option<Table> {
    if let Some(tensor) = graph.constants.get(name) {
        let side = |&n: &i64| usize::try_from(n).ok().filter(|&n| n <= MAX_LENGTH);
        return Some(Table { shape: tensor.shape.iter().map(side).collect::<Option<_>>()?, data: tensor.list().ok()? });
    }
    let node = graph.producer(name).filter(|n| n.standard() && depth < MAX_DEPTH)?;
    let input = |at: usize| table(graph, node.input(at)?, depth + 1);
    let ints = |at: usize| input(at).map(|t| t.data.iter().map(|&v| v as i64).collect::<Vec<_>>());
    let folded = match node.operator {
        "Cast" | "Identity" => input(0)?,
        "ConstantOfShape" => filled(node, &ints(0)?)?,
        "Concat" => concatenated((0..node.inputs.len()).map(input).collect::<Option<Vec<_>>>()?)?,
        "Reshape" => reshaped(input(0)?, &ints(1)?)?,
        "Transpose" => transposed(input(0)?)?,
        "Slice" => sliced(input(0)?, [ints(1)?, ints(2)?, ints(3)?, ints(4)?])?,
        _ => return None,
    };
    Some(folded).filter(|t| t.data.len() <= MAX_LENGTH)
}

fn filled(node: &Node<'_>, shape: &[i64]) -> Option<Table> {
    let value = node.tensor("value").map_or(Some(0.0), |t| t.list().ok()?.first().copied())?;
    let &[count] = shape else { return None };
    let count = usize::try_from(count).ok().filter(|&c| c <= MAX_LENGTH)?;
    Some(Table { shape: vec![count], data: vec![value; count] })
}

fn concatenated(parts: Vec<Table>) -> Option<Table> {
    let lists = parts.iter().all(|p| p.shape.len() == 1) && parts.len() <= MAX_LENGTH;
    let data: Vec<f64> = parts.into_iter().flat_map(|p| p.data).collect();
    lists.then(|| Table { shape: vec![data.len()], data })
}

fn reshaped(table: Table, shape: &[i64]) -> Option<Table> {
    let known: i64 = shape.iter().filter(|&&n| n > 0).try_fold(1i64, |product, &n| product.checked_mul(n))?;
    let count = table.data.len() as i64;
    let open = shape.iter().filter(|&&n| n == -1).count();
    let whole = shape.iter().all(|&n| n == -1 || n > 0) && open <= 1 && count % known == 0;
    if !whole || (open == 0 && known != count) || shape.len() > 4 {
        return None;
    }
    let shape = shape.iter().map(|&n| if n == -1 { count / known } else { n } as usize).collect();
    Some(Table { shape, data: table.data })
}

fn transposed(table: Table) -> Option<Table> {
    let &[rows, columns] = table.shape.as_slice() else { return None };
    let data = (0..columns).flat_map(|c| (0..rows).map(move |r| (r, c)));
    let data = data.map(|(r, c)| table.data.get(r * columns + c).copied()).collect::<Option<Vec<_>>>()?;
    Some(Table { shape: vec![columns, rows], data })
}

/// Rows of a table, or entries of a list, in steps of 1 or -1.
fn sliced(table: Table, [starts, ends, axes, steps]: [Vec<i64>; 4]) -> Option<Table> {
    let (&[start], &[end], &[0], &[step]) = (&starts[..], &ends[..], &axes[..], &steps[..]) else { return None };
    let rows = *table.shape.first()? as i64;
    let width = table.shape[1..].iter().product::<usize>();
    let at = |n: i64| if n < 0 { n.saturating_add(rows) } else { n };
    let picked: Vec<i64> = match step {
        1 => (at(start).clamp(0, rows)..at(end).clamp(0, rows)).collect(),
        -1 => (at(end).clamp(-1, rows - 1) + 1..at(start).clamp(-1, rows - 1) + 1).rev().collect(),
        _ => return None,
    };
    let data = picked.iter().map(|&r| table.data.get(r as usize * width..(r as usize + 1) * width));
    let data = data.collect::<Option<Vec<_>>>()?.concat();
    let mut shape = table.shape;
    shape[0] = picked.len();
    Some(Table { shape, data })
}
