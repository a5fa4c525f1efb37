//! Instruction sets, their detection, and the number format of products.

use std::fmt;

/// An instruction set of this CPU. Only detection makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa(pub(crate) Kind);

/// The instruction sets for which kernels are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Those for which the whole crate is compiled.
    Portable,
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512F.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// Number format of products.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// f32 throughout.
    #[default]
    Exact,
    /// bf16 where the CPU multiplies it and the loss of accuracy is small, f32 elsewhere.
    Fast,
}

impl Precision {
    /// Name on the command line: `exact` or `fast`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Fast => "fast",
        }
    }
}

/// Error: the name of no instruction set, or of one that this CPU lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownIsa {
    name: String,
}

impl fmt::Display for UnknownIsa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Isa::available().into_iter().map(Isa::name).collect();
        write!(f, "`{}` is no instruction set of this CPU; it has {}", self.name, names.join(", "))
    }
}

impl std::error::Error for UnknownIsa {}

impl Isa {
    /// All instruction sets of this CPU for which kernels are compiled, the fastest first.
    pub fn available() -> Vec<Self> {
        let mut found = Self::detected();
        found.push(Self(Kind::Portable));
        found
    }

    /// Those that not every CPU of the architecture has.
    #[cfg(target_arch = "x86_64")]
    fn detected() -> Vec<Self> {
        let avx512 = is_x86_feature_detected!("avx512f").then_some(Self(Kind::Avx512));
        let avx2 = (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Self(Kind::Avx2));
        avx512.into_iter().chain(avx2).collect()
    }

    /// None: kernels of this architecture are portable.
    #[cfg(not(target_arch = "x86_64"))]
    fn detected() -> Vec<Self> {
        Vec::new()
    }

    /// The fastest instruction set of this CPU.
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// The instruction set of this name, if the CPU has it.
    ///
    /// # Errors
    /// [`UnknownIsa`] if it is the name of no instruction set, or of one that the CPU lacks.
    pub fn named(name: &str) -> Result<Self, UnknownIsa> {
        let found = Self::available().into_iter().find(|isa| isa.name() == name);
        found.ok_or_else(|| UnknownIsa { name: name.to_owned() })
    }

    /// Name on the command line: `avx512`, `avx2` or `portable`.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512",
        }
    }

    /// Vectors of the widest panel of a packed matrix: [`Simd::PANEL`](crate::simd::Simd::PANEL) of its vectors.
    pub(crate) fn panel_vectors(self) -> usize {
        match self.0 {
            Kind::Portable => 1,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => 2,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => 4,
        }
    }

    /// Floats of a vector: [`Simd::LANES`](crate::simd::Simd::LANES).
    pub(crate) fn lanes(self) -> usize {
        match self.0 {
            Kind::Portable => 16,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => 8,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => 16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Isa, Precision};
    use crate::proof::cpu;

    #[test]
    fn nothing_that_the_system_reports_is_missed() {
        let names: Vec<_> = Isa::available().into_iter().map(Isa::name).collect();
        println!("instruction sets: {names:?}");
        assert_eq!(names.last(), Some(&"portable"));
        let Some(flags) = cpu::flags() else {
            println!("the system does not report the CPU's features: detection is not compared with them");
            return;
        };
        let has = |flag: &str| flags.iter().any(|f| f == flag);
        assert_eq!(names.contains(&"avx512"), has("avx512f"));
        assert_eq!(names.contains(&"avx2"), has("avx2") && has("fma"));
    }

    #[test]
    fn the_best_is_the_first_and_none_comes_twice() {
        let available = Isa::available();
        assert_eq!(Isa::best(), available[0]);
        for (i, isa) in available.iter().enumerate() {
            assert!(!available[..i].contains(isa), "{isa:?}");
        }
        let order = ["avx512", "avx2", "portable"];
        let place = |isa: &Isa| order.iter().position(|name| *name == isa.name());
        assert!(available.is_sorted_by_key(place), "{available:?}");
    }

    #[test]
    fn names_are_read_back_and_others_refused() {
        for isa in Isa::available() {
            assert_eq!(Isa::named(isa.name()), Ok(isa));
        }
        assert!(Isa::named("avx1024").is_err_and(|e| e.to_string().contains("portable")));
        assert_eq!((Precision::Exact.name(), Precision::Fast.name()), ("exact", "fast"));
        assert_eq!(Precision::default(), Precision::Exact);
    }
}
