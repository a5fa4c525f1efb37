//! The models inside the program: the weights of `srcnn-models`, chosen by name and factor.

use std::sync::LazyLock;

use crate::model::Model;
use crate::weights::weight_file::WeightFile;

/// A model that ships with the crate. Which there are depends on the cargo features, one for each family.
#[derive(Clone, Copy)]
pub struct Builtin {
    /// Name of the architecture, such as `srcnn-915`.
    pub family: &'static str,
    /// Factor that it was trained for.
    pub scale: u32,
    name: &'static str,
    safetensors: &'static [u8],
}

/// No built-in model has the name that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is neither a file nor a built-in model; built in are {}", Builtin::names().join(", "))]
pub struct UnknownBuiltin {
    /// The name.
    pub name: String,
}

/// The order of `srcnn-models`: scales ascending, within a scale from the lowest score to the highest.
static BUILTIN: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
    let builtin = |s: &srcnn_models::Shipped| Builtin {
        family: s.family,
        scale: s.scale,
        name: s.name,
        safetensors: s.safetensors,
    };
    srcnn_models::all().iter().map(builtin).collect()
});

impl Builtin {
    /// Every built-in model.
    pub fn all() -> &'static [Self] {
        &BUILTIN
    }

    /// Full names: family and scale, such as `srcnn-915-x2`.
    pub fn names() -> Vec<String> {
        Self::all().iter().map(Self::name).collect()
    }

    /// Family and scale, such as `srcnn-915-x2`.
    pub fn name(&self) -> String {
        self.name.to_owned()
    }

    /// Picks weights for a factor: those trained for the same factor, else for the next larger one, else for the largest,
    /// which is then applied several times.
    ///
    /// `name` is a full name, whose scale then holds whatever the factor, or a family; without one, all families count,
    /// and the one with the highest scores is taken.
    ///
    /// # Errors
    /// [`UnknownBuiltin`] if no model has that name.
    pub fn pick(name: Option<&str>, factor: f64) -> Result<&'static Self, UnknownBuiltin> {
        let candidates = || {
            let named = move |b: &&Self| name.is_none_or(|n| n == b.family || n == b.name);
            Self::all().iter().rev().filter(named)
        };
        let enough = candidates().filter(|b| f64::from(b.scale) >= factor).min_by_key(|b| b.scale);
        // Of equal scales, `min_by_key` keeps the first and `max_by_key` the last: both the best.
        enough
            .or_else(|| candidates().rev().max_by_key(|b| b.scale))
            .ok_or_else(|| UnknownBuiltin { name: name.unwrap_or_default().to_owned() })
    }

    /// Reads the weights into a model.
    pub fn model(&self) -> Model {
        let file = WeightFile::parse(self.safetensors).expect("the tests read all shipped weights");
        file.into_model(self.name).expect("shipped weights state every fact")
    }
}

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Builtin").field(&self.name).finish()
    }
}

impl Model {
    /// The built-in model of this name for this factor, as [`Builtin::pick`] chooses it.
    ///
    /// # Errors
    /// [`UnknownBuiltin`] if no model has that name.
    pub fn builtin(name: &str, scale: u32) -> Result<Self, UnknownBuiltin> {
        Ok(Builtin::pick(Some(name), f64::from(scale))?.model())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Architecture;

    #[test]
    fn every_shipped_model_loads_and_is_what_its_entry_says() {
        for builtin in Builtin::all() {
            let model = builtin.model();
            assert_eq!(model.name(), builtin.name());
            assert_eq!(model.name(), format!("{}-x{}", builtin.family, builtin.scale));
            assert_eq!(model.preprocessing().scale, builtin.scale);
            let named = Architecture::named(builtin.family).expect("a named family");
            assert_eq!(model.architecture().expect("a chain").to_string(), named.to_string());
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
