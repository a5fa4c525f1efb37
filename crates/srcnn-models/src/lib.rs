//! Weights of the networks that ship with `srcnn`, as data: no dependency, nothing is parsed here.
//!
//! Each family is behind a cargo feature of its name; all are on by default. `srcnn::weights::Builtin` makes models of
//! them.

#![no_std]

/// Runs README's example as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// One network, trained for one factor.
#[derive(Clone, Copy)]
pub struct Shipped {
    /// Family and factor, such as `srcnn-915-x2`; also the name of its files.
    pub name: &'static str,
    /// Name of the architecture, such as `srcnn-915`; also the cargo feature.
    pub family: &'static str,
    /// Factor that it was trained for.
    pub scale: u32,
    /// The weights: a safetensors file.
    pub safetensors: &'static [u8],
}

/// Names, weights and cards of the files in `models`, those of families that are switched off left out.
macro_rules! shipped {
    ($($family:literal $scale:literal)*) => {
        const SHIPPED: &[Shipped] = &[$(
            #[cfg(feature = $family)]
            Shipped {
                name: concat!($family, "-x", $scale),
                family: $family,
                scale: $scale,
                safetensors: include_bytes!(concat!("../models/", $family, "-x", $scale, ".safetensors")),
            },
        )*];

        // Apart from the weights: a program that asks for no card does not contain them.
        const CARDS: &[(&str, &str)] = &[$(
            #[cfg(feature = $family)]
            (
                concat!($family, "-x", $scale),
                include_str!(concat!("../models/", $family, "-x", $scale, ".toml")),
            ),
        )*];
    };
}

shipped![
    "srcnn-915" 2
    "srcnn-935" 2
    "srcnn-955" 2
    "srcnn-keras" 2
    "srcnn-915" 3
    "srcnn-935" 3
    "srcnn-955" 3
    "srcnn-keras" 3
    "srcnn-915" 4
    "srcnn-935" 4
    "srcnn-keras" 4
    "srcnn-955" 4
];

/// Every network whose family is switched on: scales ascending, and within a scale from the lowest score to the highest.
pub fn all() -> &'static [Shipped] {
    SHIPPED
}

/// The model card of a network by its full name: TOML with its architecture, training data, recipe, scores and licence.
pub fn card(name: &str) -> Option<&'static str> {
    CARDS.iter().find(|(of, _)| *of == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_has_a_card_of_its_name() {
        for shipped in all() {
            let card = card(shipped.name).expect("a card");
            assert!(card.lines().any(|line| {
                line.split_once(" = ")
                    .is_some_and(|(key, value)| key == "name" && value.trim_matches('"') == shipped.name)
            }));
            assert!(!shipped.safetensors.is_empty());
        }
        assert_eq!(card("srcnn-999-x2"), None);
    }
}
