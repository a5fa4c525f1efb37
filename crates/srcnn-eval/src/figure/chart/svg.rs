//! Charts as SVG.

use super::shape::{Anchor, HEIGHT, Shape, WIDTH};
use crate::figure::canvas::Color;

/// The layout measures texts in the first font; the others are no wider.
const FONTS: &str = "'DejaVu Sans', Verdana, sans-serif";

/// An SVG document of these elements on white.
pub(super) fn document(title: &str, shapes: &[Shape]) -> String {
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"{FONTS}\">\n\
         <title>{}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n",
        escaped(title)
    );
    let elements = shapes.iter().map(element);
    [head].into_iter().chain(elements).chain(["</svg>\n".to_owned()]).collect()
}

/// The SVG element of a graphical element.
fn element(shape: &Shape) -> String {
    match shape {
        Shape::Rule { from, to, width, dash, color } => {
            let dash = dash.map_or(String::new(), |(on, off)| format!(" stroke-dasharray=\"{on} {off}\""));
            let (x1, y1, x2, y2) = (number(from.0), number(from.1), number(to.0), number(to.1));
            let place = format!("x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"");
            format!("<line {place} stroke=\"{}\" stroke-width=\"{width}\"{dash}/>\n", hex(*color))
        }
        Shape::Polyline { points, width, color } => {
            let mut places: Vec<String> = points.iter().map(|p| format!("{},{}", number(p.0), number(p.1))).collect();
            places.dedup();
            format!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\" \
                 stroke-linejoin=\"round\" stroke-linecap=\"round\"/>\n",
                places.join(" "),
                hex(*color)
            )
        }
        Shape::Dot { centre, diameter, color } => {
            let (x, y, radius) = (number(centre.0), number(centre.1), number(diameter / 2.0));
            format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{}\"/>\n", hex(*color))
        }
        Shape::Text { at, anchor, size, color, text } => {
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            format!(
                "<text x=\"{}\" y=\"{}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{}\">{}</text>\n",
                number(at.0),
                number(at.1),
                hex(*color),
                escaped(text)
            )
        }
    }
}

/// A position, rounded to hundredths of a pixel.
fn number(position: f64) -> String {
    // Adding zero makes -0 positive.
    ((position * 100.0).round() / 100.0 + 0.0).to_string()
}

/// The color as `#rrggbb`.
fn hex([red, green, blue]: Color) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text with XML's special characters escaped; characters that XML does not allow become U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_holds_only_what_xml_can() {
        assert_eq!(
            escaped("a<b> & \"c\"'d'\u{1}\u{ffff}\n×"),
            "a&lt;b&gt; &amp; &quot;c&quot;&apos;d&apos;\u{fffd}\u{fffd} ×"
        );
    }

    #[test]
    fn positions_are_written_short() {
        assert_eq!([72.0, 431.636_36, -0.001, 0.1 + 0.2].map(number), ["72", "431.64", "0", "0.3"]);
    }
}
