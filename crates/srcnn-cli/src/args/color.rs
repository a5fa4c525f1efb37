//! Colors as arguments.

use srcnn::pipeline::Background;

/// Names of colors, as CSS has them (CSS Color Module Level 4, the basic ones and a few more).
const NAMED: [(&str, [u8; 3]); 20] = [
    ("black", [0, 0, 0]),
    ("white", [255, 255, 255]),
    ("gray", [128, 128, 128]),
    ("grey", [128, 128, 128]),
    ("silver", [192, 192, 192]),
    ("red", [255, 0, 0]),
    ("lime", [0, 255, 0]),
    ("blue", [0, 0, 255]),
    ("yellow", [255, 255, 0]),
    ("cyan", [0, 255, 255]),
    ("aqua", [0, 255, 255]),
    ("magenta", [255, 0, 255]),
    ("fuchsia", [255, 0, 255]),
    ("maroon", [128, 0, 0]),
    ("green", [0, 128, 0]),
    ("navy", [0, 0, 128]),
    ("olive", [128, 128, 0]),
    ("teal", [0, 128, 128]),
    ("purple", [128, 0, 128]),
    ("orange", [255, 165, 0]),
];

/// Parses a color: a name, `#rrggbb` or `#rgb`, in any case of letters.
pub fn color(text: &str) -> Result<Background, String> {
    let lower = text.to_ascii_lowercase();
    let named = NAMED.iter().find(|(name, _)| *name == lower).map(|(_, color)| *color);
    let color = named.or_else(|| hexadecimal(lower.strip_prefix('#')?));
    color.map(Background).ok_or_else(|| "a name such as white or black, or #rrggbb is needed".to_owned())
}

fn hexadecimal(digits: &str) -> Option<[u8; 3]> {
    let digits: Vec<u8> = digits.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
    match digits[..] {
        [r, g, b] => Some([r, g, b].map(|digit| digit * 17)),
        [r, s, g, h, b, c] => Some([r * 16 + s, g * 16 + h, b * 16 + c]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_named_or_numbers() {
        let colors = [
            ("white", [255; 3]),
            ("Black", [0; 3]),
            ("grey", [128; 3]),
            ("#ff8000", [255, 128, 0]),
            ("#Ff8000", [255, 128, 0]),
            ("#f80", [255, 136, 0]),
        ];
        for (text, samples) in colors {
            assert_eq!(color(text), Ok(Background(samples)), "{text}");
        }
        for text in ["", "#", "ff8000", "#ff800", "#ff80000", "#gg0000", "transparent", "#é0"] {
            assert!(color(text).is_err(), "{text}");
        }
    }
}
