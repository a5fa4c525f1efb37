//! Published figures: means over the pictures of a set, on luma, with a border of as many pixels as the factor shaved.
//!
//! Dong, Loy, He, Tang: "Image Super-Resolution Using Deep Convolutional Networks", IEEE TPAMI 38 (2), 2016 (arXiv
//! 1501.00092), Tables 2 and 3 and the text on Figures 4 to 8; for SRCNN trained on 91 images also "Learning a Deep
//! Convolutional Network for Image Super-Resolution", ECCV 2014. Sparse coding at x2 and x4: Huang, Singh, Ahuja, "Single
//! Image Super-Resolution from Transformed Self-Exemplars", CVPR 2015.

use crate::baseline;

/// A published mean PSNR and, where there is one, mean SSIM.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Printed {
    /// PSNR in dB, rounded to 2 decimals.
    pub psnr: f64,
    /// SSIM, rounded to 4 decimals.
    pub ssim: Option<f64>,
}

/// A benchmark set with published figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Set {
    /// Bevilacqua et al., BMVC 2012: five pictures.
    Set5,
    /// Zeyde et al., 2010: fourteen pictures.
    Set14,
}

impl Set {
    /// The set whose name is part of a folder's name, in any case: `Set5`, `set14_GT`.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        // Part of another word or number does not count.
        let apart = |before: &str, after: &str| {
            !before.ends_with(char::is_alphanumeric) && !after.starts_with(|c: char| c.is_ascii_digit())
        };
        let has = |set: &str| name.match_indices(set).any(|(i, _)| apart(&name[..i], &name[i + set.len()..]));
        if has("set14") {
            return Some(Self::Set14);
        }
        has("set5").then_some(Self::Set5)
    }
}

/// A method with published figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Bicubic interpolation.
    Bicubic,
    /// Sparse coding.
    Sc,
    /// Anchored neighbourhood regression.
    Anr,
    /// Adjusted anchored neighbourhood regression.
    APlus,
    /// SRCNN 9-1-5, trained on 91 images.
    Srcnn915Of91,
    /// SRCNN 9-1-5, trained on ImageNet.
    Srcnn915,
    /// SRCNN 9-3-5, trained on ImageNet.
    Srcnn935,
    /// SRCNN 9-5-5, trained on ImageNet.
    Srcnn955,
}

impl From<baseline::Method> for Method {
    fn from(method: baseline::Method) -> Self {
        match method {
            baseline::Method::Sc => Self::Sc,
            baseline::Method::Anr => Self::Anr,
            baseline::Method::APlus => Self::APlus,
        }
    }
}

impl Method {
    /// SRCNN by its kernels, such as `9-5-5`, and by its training set: 91 images or ImageNet.
    pub fn srcnn(kernels: &str, of_91: bool) -> Option<Self> {
        match (kernels, of_91) {
            ("9-1-5", true) => Some(Self::Srcnn915Of91),
            ("9-1-5", false) => Some(Self::Srcnn915),
            ("9-3-5", false) => Some(Self::Srcnn935),
            ("9-5-5", false) => Some(Self::Srcnn955),
            _ => None,
        }
    }
}

/// PSNR and SSIM at x2, x3 and x4; 0.0 where none is published.
type Row = (Set, Method, [(f64, f64); 3]);

const NONE: (f64, f64) = (0.0, 0.0);

const PRINTED: [Row; 13] = [
    (Set::Set5, Method::Bicubic, [(33.66, 0.9299), (30.39, 0.8682), (28.42, 0.8104)]),
    (Set::Set5, Method::Sc, [(35.78, 0.0), (31.42, 0.8821), (29.07, 0.0)]),
    (Set::Set5, Method::Anr, [(35.83, 0.9499), (31.92, 0.8968), (29.69, 0.8419)]),
    (Set::Set5, Method::APlus, [(36.54, 0.9544), (32.59, 0.9088), (30.28, 0.8603)]),
    (Set::Set5, Method::Srcnn915Of91, [(36.34, 0.0), (32.39, 0.0), (30.09, 0.0)]),
    (Set::Set5, Method::Srcnn915, [NONE, (32.52, 0.0), NONE]),
    (Set::Set5, Method::Srcnn935, [NONE, (32.65, 0.0), NONE]),
    (Set::Set5, Method::Srcnn955, [(36.66, 0.9542), (32.75, 0.9090), (30.49, 0.8628)]),
    (Set::Set14, Method::Bicubic, [(30.23, 0.8687), (27.54, 0.7736), (26.00, 0.7019)]),
    (Set::Set14, Method::Sc, [(31.64, 0.0), (28.31, 0.7954), (26.40, 0.0)]),
    (Set::Set14, Method::Anr, [(31.80, 0.9004), (28.65, 0.8093), (26.85, 0.7352)]),
    (Set::Set14, Method::APlus, [(32.28, 0.9056), (29.13, 0.8188), (27.32, 0.7491)]),
    (Set::Set14, Method::Srcnn955, [(32.45, 0.9067), (29.30, 0.8215), (27.50, 0.7513)]),
];

/// The published figures of a method at a factor, if there are any.
pub fn of(set: Set, method: Method, scale: usize) -> Option<Printed> {
    let (_, _, scales) = PRINTED.iter().find(|(s, m, _)| (*s, *m) == (set, method))?;
    let (psnr, ssim) = *scales.get(scale.checked_sub(2)?)?;
    (psnr > 0.0).then(|| Printed { psnr, ssim: (ssim > 0.0).then_some(ssim) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_known_by_their_folders() {
        for (name, set) in [
            ("Set5", Some(Set::Set5)),
            ("set14_GT", Some(Set::Set14)),
            ("my set5", Some(Set::Set5)),
            ("set50", None),
            ("dataset5", None),
            ("photos", None),
        ] {
            assert_eq!(Set::of_name(name), set, "{name}");
        }
    }

    #[test]
    fn what_is_not_printed_is_not_there() {
        assert_eq!(of(Set::Set5, Method::Srcnn955, 3), Some(Printed { psnr: 32.75, ssim: Some(0.9090) }));
        assert_eq!(of(Set::Set5, Method::Sc, 2), Some(Printed { psnr: 35.78, ssim: None }));
        assert_eq!(of(Set::Set5, Method::Srcnn935, 2), None);
        assert_eq!(of(Set::Set5, Method::Bicubic, 1), None);
        assert_eq!(of(Set::Set14, Method::Bicubic, 5), None);
        assert_eq!(of(Set::Set14, Method::Srcnn915Of91, 3), None);
    }
}
