//! Which instruction set.

use std::fmt;

/// An instruction set that this CPU has: only detection makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa(pub(crate) Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// In which numbers products are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// f32 throughout.
    #[default]
    Exact,
    /// bf16 where the CPU multiplies it and little is lost by it, f32 elsewhere.
    Fast,
}

impl Precision {
    /// `exact` or `fast`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Fast => "fast",
        }
    }
}

/// A name that is no instruction set, or not one of this CPU.
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
    /// Every instruction set of this CPU for which there are kernels, the best first.
    pub fn available() -> Vec<Self> {
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                found.push(Self(Kind::Avx512));
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                found.push(Self(Kind::Avx2));
            }
        }
        found.push(Self(Kind::Portable));
        found
    }

    /// The best of this CPU.
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// The instruction set of this name, if the CPU has it.
    ///
    /// # Errors
    /// [`UnknownIsa`].
    pub fn named(name: &str) -> Result<Self, UnknownIsa> {
        let found = Self::available().into_iter().find(|isa| isa.name() == name);
        found.ok_or_else(|| UnknownIsa { name: name.to_owned() })
    }

    /// `avx512`, `avx2` or `portable`.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512",
        }
    }

    /// Vectors of a panel of a packed matrix: as many registers as a product keeps of it.
    pub(crate) fn panel_vectors(self) -> usize {
        match self.0 {
            Kind::Portable => 1,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => 2,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => 4,
        }
    }

    /// Floats of a vector.
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

/// Calls `$body::<S, …>(…)` compiled for the instruction set `$isa`.
///
/// Each wrapper is reached only with an [`Isa`] of its kind, which exists only where the CPU has the features.
macro_rules! for_isa {
    ($isa:expr, $body:ident($($arg:ident: $t:ty),* $(,)?)) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f")]
        unsafe fn avx512($($arg: $t),*) {
            // SAFETY: the caller's.
            unsafe { $body::<$crate::simd::Avx512>($($arg),*) }
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        unsafe fn avx2($($arg: $t),*) {
            // SAFETY: the caller's.
            unsafe { $body::<$crate::simd::Avx2>($($arg),*) }
        }
        match $isa.0 {
            // SAFETY: needs no features; lengths were checked by the caller of this macro.
            $crate::isa::Kind::Portable => unsafe { $body::<$crate::simd::Portable>($($arg),*) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Isa` of this kind proves the feature; lengths were checked by the caller of this macro.
            $crate::isa::Kind::Avx2 => unsafe { avx2($($arg),*) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Isa` of this kind proves the feature; lengths were checked by the caller of this macro.
            $crate::isa::Kind::Avx512 => unsafe { avx512($($arg),*) },
        }
    }};
}
pub(crate) use for_isa;

#[cfg(test)]
mod tests {
    use super::Isa;

    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_that_the_system_reports_is_missed() {
        let Ok(cpu) = std::fs::read_to_string("/proc/cpuinfo") else { return };
        let flags: Vec<&str> = cpu.lines().find(|l| l.starts_with("flags")).unwrap_or("").split_whitespace().collect();
        let names: Vec<_> = Isa::available().into_iter().map(Isa::name).collect();
        println!("instruction sets: {names:?}");
        assert_eq!(names.contains(&"avx512"), flags.contains(&"avx512f"));
        assert_eq!(names.contains(&"avx2"), flags.contains(&"avx2") && flags.contains(&"fma"));
    }

    #[test]
    fn names_are_read_back_and_others_refused() {
        for isa in Isa::available() {
            assert_eq!(Isa::named(isa.name()), Ok(isa));
        }
        assert!(Isa::named("avx1024").is_err_and(|e| e.to_string().contains("portable")));
    }
}
