//! The models inside the program.

use std::sync::LazyLock;

use super::Model;
use crate::weights::WeightFile;

/// One model that ships with the program.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// The architecture's name, such as `srcnn-915`.
    pub family: &'static str,
    /// The factor that it was trained for.
    pub scale: u32,
    bytes: &'static [u8],
}

/// A name that no shipped model has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is neither a file nor a built-in model; built in are {}", Builtin::names().join(", "))]
pub struct UnknownBuiltin {
    /// The name asked for.
    pub name: String,
}

/// The order of `srcnn-models`: scales ascending, within a scale from the lowest score to the highest.
static SHIPPED: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
    let builtin = |s: &srcnn_models::Shipped| Builtin { family: s.family, scale: s.scale, bytes: s.safetensors };
    srcnn_models::all().iter().map(builtin).collect()
});

impl Builtin {
    /// Every model that ships.
    pub fn all() -> &'static [Self] {
        &SHIPPED
    }

    /// Full names: family and scale.
    pub fn names() -> Vec<String> {
        SHIPPED.iter().map(Self::name).collect()
    }

    /// `srcnn-915-x2`.
    pub fn name(&self) -> String {
        format!("{}-x{}", self.family, self.scale)
    }

    /// Picks weights for a factor: trained for the same, else for the next larger, else for the largest, which is then
    /// applied in steps.
    ///
    /// `name` is a full name, whose scale then holds whatever the factor, or a family; without one, all families count.
    ///
    /// # Errors
    /// [`UnknownBuiltin`] if nothing has that name.
    pub fn pick(name: Option<&str>, factor: f64) -> Result<&'static Self, UnknownBuiltin> {
        let candidates = || {
            let named = move |b: &&Self| name.is_none_or(|n| n == b.family || n == b.name());
            SHIPPED.iter().rev().filter(named)
        };
        let enough = candidates().filter(|b| f64::from(b.scale) >= factor).min_by_key(|b| b.scale);
        // Of equal scales, `min_by_key` keeps the first and `max_by_key` the last: both the best.
        enough
            .or_else(|| candidates().rev().max_by_key(|b| b.scale))
            .ok_or_else(|| UnknownBuiltin { name: name.unwrap_or_default().to_owned() })
    }

    /// The model, ready to use.
    pub fn model(&self) -> Model {
        let file = WeightFile::parse(self.bytes).expect("shipped weights are read by the tests");
        file.into_model(&self.name()).expect("shipped weights say all about themselves")
    }
}

impl Model {
    /// The shipped model of this name and factor, as [`Builtin::pick`] chooses it.
    ///
    /// # Errors
    /// [`UnknownBuiltin`] if nothing has that name.
    pub fn builtin(name: &str, scale: u32) -> Result<Self, UnknownBuiltin> {
        Ok(Builtin::pick(Some(name), f64::from(scale))?.model())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_model_loads_and_is_what_its_entry_says() {
        for builtin in Builtin::all() {
            let model = builtin.model();
            assert_eq!(model.name(), builtin.name());
            assert_eq!(model.preprocessing().scale, builtin.scale);
            let named = crate::model::Architecture::named(builtin.family).expect("a named family");
            assert_eq!(model.architecture().to_string(), named.to_string());
        }
    }

    #[test]
    fn the_nearest_larger_scale_is_picked_and_unknown_names_are_refused() {
        for factor in [1.5, 2.0, 3.0, 8.0] {
            let picked = Builtin::pick(None, factor).expect("there is always one");
            let larger = Builtin::all().iter().filter(|b| f64::from(b.scale) >= factor);
            let largest = Builtin::all().iter().map(|b| b.scale).max();
            assert_eq!(Some(picked.scale), larger.map(|b| b.scale).min().or(largest), "{factor}");
        }
        assert_eq!(Builtin::pick(Some("srcnn-915-x2"), 4.0).map(Builtin::name), Ok("srcnn-915-x2".to_owned()));
        assert!(Builtin::pick(Some("srcnn-999"), 2.0).is_err());
    }
}
