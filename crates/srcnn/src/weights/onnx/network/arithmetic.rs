//! Sums, differences, products and quotients, of values and of constants.

use super::reader::{Known, Reader};
use crate::model::graph::Operation;
use crate::weights::onnx::error::NetworkError;
use crate::weights::onnx::graph::Node;

impl<'a> Reader<'_, 'a> {
    /// Normalisation by stored means and variances: a factor and a summand for each channel.
    pub(super) fn normalisation(&mut self, node: &Node<'a>, taken: Known) -> Result<Known, NetworkError> {
        let epsilon = node.float("epsilon").unwrap_or(1e-5);
        let mut list = |at| self.per_channel(node, at, taken.channels);
        let one = |list: Vec<f32>| if list.len() == taken.channels { Some(list) } else { None };
        let lists = [one(list(1)?), one(list(2)?), one(list(3)?), one(list(4)?)];
        let [Some(scales), Some(shifts), Some(means), Some(variances)] = lists else {
            return Err(NetworkError::Unread { operator: node.operator_name(), what: "of other shapes" });
        };
        let factors: Vec<f64> = scales
            .iter()
            .zip(&variances)
            .map(|(scale, variance)| f64::from(*scale) / (f64::from(*variance) + f64::from(epsilon)).sqrt())
            .collect();
        let summands = factors.iter().zip(&shifts).zip(&means);
        let summands = summands.map(|((factor, shift), mean)| (f64::from(*shift) - factor * f64::from(*mean)) as f32);
        Ok(self.affine(taken, factors.iter().map(|factor| *factor as f32).collect(), summands.collect()))
    }

    /// A sum, difference, product or quotient of values, or of a value and constants.
    pub(super) fn arithmetic(&mut self, node: &Node<'a>) -> Result<Known, NetworkError> {
        let sides = [0, 1].map(|at| node.input(at).and_then(|name| self.known.get(name)).copied());
        if sides.iter().flatten().any(|known| known.pending.is_some()) {
            return Err(NetworkError::Operator(node.operator_name()));
        }
        let (taken, constant) = match sides {
            [Some(a), Some(b)] => return self.of_two(node, a, b),
            [Some(a), None] => (a, 1),
            [None, Some(b)] => (b, 0),
            [None, None] => return Err(NetworkError::Operator(node.operator_name())),
        };
        let channels = taken.channels;
        let numbers = self.per_channel(node, constant, channels)?;
        let (ones, zeros) = (vec![1.0; channels], vec![0.0; channels]);
        let negative = |numbers: Vec<f32>| numbers.into_iter().map(|v| -v).collect();
        Ok(match (node.operator, constant) {
            ("Add", _) => self.affine(taken, ones, numbers),
            ("Sub", 1) => self.affine(taken, ones, negative(numbers)),
            ("Sub", _) => self.affine(taken, negative(ones), numbers),
            ("Mul", _) => self.affine(taken, numbers, zeros),
            ("Div", 1) => self.affine(taken, numbers.into_iter().map(|v| 1.0 / v).collect(), zeros),
            _ => return Err(NetworkError::Unread { operator: node.operator_name(), what: "by a value" }),
        })
    }

    pub(super) fn of_two(&mut self, node: &Node<'a>, a: Known, b: Known) -> Result<Known, NetworkError> {
        let operation = match node.operator {
            "Add" | "Sub" => Operation::Add,
            "Mul" => Operation::Multiply,
            _ => return Err(NetworkError::Unread { operator: node.operator_name(), what: "by a value" }),
        };
        let b = match node.operator {
            "Sub" => self.affine(b, vec![-1.0; b.channels], vec![0.0; b.channels]),
            _ => b,
        };
        Ok(Known { value: self.builder.add(operation, &[a.value, b.value]), ..a })
    }
}
