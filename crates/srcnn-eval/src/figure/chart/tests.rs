//! Places are worked out by hand. With a title, both labels and one row of legend the plot runs from (72, 88) to
//! (872, 448), and the vertical axis reaches a twentieth of the values' range beyond them at either end.

use super::*;

const BLUE: [u8; 3] = [0, 114, 178];
const VERMILION: [u8; 3] = [213, 94, 0];
const GREEN: [u8; 3] = [0, 158, 115];

/// Values from 30 to 32: 31 lies at row 268, 30 at 448 - 360 * 0.1 / 2.2 = 431.64, 32 at 104.36.
fn chart() -> Chart {
    let curve = |name: &str, points: &[(f64, f64)]| Curve { name: name.to_owned(), points: points.to_vec() };
    Chart {
        title: "Set5, \u{d7}3".to_owned(),
        x_label: "back-propagations".to_owned(),
        y_label: "PSNR, dB".to_owned(),
        curves: vec![
            curve("9-1-5", &[(0.0, 31.0), (250_000.0, 31.0), (500_000.0, 32.0), (1_000_000.0, 32.0)]),
            curve("9-5-5 <\"A\" & 'B'>", &[(0.0, 30.0), (1_000_000.0, 31.0)]),
        ],
        levels: vec![Level { name: "bicubic".to_owned(), value: 30.4 }],
    }
}

fn pixel(image: &Image, x: usize, y: usize) -> [u8; 3] {
    image.to_rgb8().row(y)[3 * x..][..3].try_into().expect("three samples")
}

/// The opening and the empty tags of a document, in order.
///
/// # Panics
/// If tags are not balanced, a quote is missing, or a special character is not escaped.
fn elements(svg: &str) -> Vec<String> {
    let (mut open, mut all): (Vec<String>, Vec<String>) = Default::default();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        let text = &rest[..start];
        assert!(text.trim().is_empty() || !open.is_empty(), "text outside of the document: {text}");
        for entity in text.split('&').skip(1) {
            let known = ["amp;", "lt;", "gt;", "quot;", "apos;"].iter().any(|e| entity.starts_with(e));
            assert!(known, "not an entity: &{entity}");
        }
        let end = start + rest[start..].find('>').expect("a tag is closed");
        let tag = &rest[start + 1..end];
        assert!(!tag.contains('<') && tag.matches('"').count().is_multiple_of(2), "<{tag}>");
        rest = &rest[end + 1..];
        let name = |tag: &str| tag.split([' ', '/']).next().unwrap_or_default().to_owned();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(closed), "</{closed}> closes another");
            continue;
        }
        assert!(all.is_empty() || !open.is_empty(), "a second root: <{tag}>");
        all.push(tag.to_owned());
        if !tag.ends_with('/') {
            open.push(name(tag));
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "left open: {open:?}, left over: {rest}");
    all
}

#[test]
fn values_lie_at_the_same_places_in_svg_and_pixels() {
    let (svg, image) = (chart().to_svg(), chart().to_image());
    assert!(svg.contains("<polyline points=\"72,268 272,268 472,104.36 872,104.36\""), "{svg}");
    assert!(svg.contains("<polyline points=\"72,431.64 872,268\""), "{svg}");
    // 30.4 is a fifth of the way from 30 to 32: 431.64 - 327.27 / 5.
    assert!(svg.contains("x1=\"72\" y1=\"366.18\" x2=\"872\" y2=\"366.18\""), "{svg}");
    assert_eq!(image.size(), (WIDTH, HEIGHT));
    for (x, y, expected) in [
        (172, 267, BLUE),
        (172, 268, BLUE),
        (672, 104, BLUE),
        (472, 104, BLUE),
        // Half way from 431.64 to 268 it is at 349.82.
        (472, 349, VERMILION),
        (871, 268, VERMILION),
        // The level's first dash ends at 80, its first gap at 85.
        (76, 366, GREEN),
        (82, 366, [255; 3]),
        (87, 366, GREEN),
    ] {
        assert_eq!(pixel(&image, x, y), expected, "({x}, {y})");
    }
}

#[test]
fn the_svg_is_well_formed_and_its_names_are_escaped() {
    let svg = chart().to_svg();
    let all = elements(&svg);
    assert!(all[0].starts_with("svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"560\""));
    assert_eq!(all.iter().filter(|e| e.starts_with("polyline")).count(), 2);
    assert!(svg.contains(">9-5-5 &lt;&quot;A&quot; &amp; &apos;B&apos;&gt;</text>"), "{svg}");
    for label in ["Set5, \u{d7}3", "back-propagations", "PSNR, dB", "bicubic", "30.5", "32.0", "0.4M", "1.0M"] {
        assert!(svg.contains(&format!(">{label}</text>")), "{label} in {svg}");
    }
}

#[test]
fn no_text_lies_on_another_or_leaves_the_sheet() {
    for chart in [chart(), crowded(3), crowded(12), crowded(100), wide_labels()] {
        let mut boxes: Vec<(String, [f64; 4])> = Vec::new();
        for shape in shapes(&chart) {
            if let Shape::Text { at, anchor, size, text, .. } = shape {
                let width = text_width(size, &text);
                let left = match anchor {
                    Anchor::Start => at.0,
                    Anchor::Middle => at.0 - width / 2.0,
                    Anchor::End => at.0 - width,
                };
                boxes.push((text, [left, at.1 - 0.8 * f64::from(size), left + width, at.1 + 0.2 * f64::from(size)]));
            }
        }
        for (i, (text, [left, top, right, bottom])) in boxes.iter().enumerate() {
            let inside = *left >= 0.0 && *top >= 0.0 && *right <= WIDTH as f64 && *bottom <= HEIGHT as f64;
            assert!(inside, "{text}: {left}, {top} to {right}, {bottom}");
            for (other, [l, t, r, b]) in &boxes[..i] {
                assert!(right < l || r < left || bottom < t || b < top, "{text} lies on {other}");
            }
        }
    }
}

/// `count` curves with names of different lengths, one of them very long.
fn crowded(count: usize) -> Chart {
    let curve = |i: usize| Curve {
        name: format!("network {}", "9-5-5 ".repeat(if i == 2 { 100 } else { i % 5 })),
        points: (0..50).map(|x| (f64::from(x), (f64::from(x) * 0.1 + i as f64).sin())).collect(),
    };
    Chart { title: "long ".repeat(50), y_label: "y ".repeat(200), curves: (0..count).map(curve).collect(), ..chart() }
}

/// Values with many digits on both axes.
fn wide_labels() -> Chart {
    let points = vec![(1.000_000_1, -1.000_000_1e14), (1.000_000_2, -1.000_000_2e14)];
    Chart { curves: vec![Curve { name: String::new(), points }], levels: Vec::new(), ..chart() }
}

#[test]
fn a_crowded_legend_counts_what_it_leaves_out() {
    let named = |svg: &str| svg.matches(">network ").count();
    let (few, many) = (crowded(3).to_svg(), crowded(100).to_svg());
    assert_eq!(named(&few), 3);
    let left_out = 101 - named(&many);
    assert!(left_out > 50 && many.contains(&format!(">and {left_out} more</text>")), "{left_out} left out");
}

#[test]
fn points_without_a_place_are_left_out() {
    let mut broken = chart();
    let bad = [(f64::NAN, 31.0), (500_000.0, f64::NAN), (f64::INFINITY, 31.0), (500_000.0, f64::NEG_INFINITY)];
    broken.curves[1].points.splice(1..1, bad);
    broken.curves[1].points.push((2e300, 31.0));
    assert_eq!(broken.to_svg(), chart().to_svg());
}

#[test]
fn a_point_alone_is_a_dot() {
    let mut single = chart();
    single.curves[1].points = vec![(500_000.0, 30.0)];
    assert!(single.to_svg().contains("<circle cx=\"472\" cy=\"431.64\" r=\"3.5\" fill=\"#d55e00\"/>"));
    let image = single.to_image();
    for (x, y) in [(472, 431), (470, 431), (474, 431), (472, 429), (472, 433)] {
        assert_eq!(pixel(&image, x, y), VERMILION, "({x}, {y})");
    }
}

#[test]
fn odd_values_are_drawn_all_the_same() {
    let odd = [0.0, -0.0, 1.0, 5e-324, 1e-310, 1e-9, 1e9, 1e300, -1e300, f64::MAX, f64::MIN, f64::NAN, f64::INFINITY];
    let sets = odd.iter().flat_map(|&a| odd.iter().map(move |&b| vec![a, b]));
    let mut charts = vec![Chart::default(), wide_labels(), crowded(100)];
    charts.extend(sets.chain([vec![], odd.to_vec(), vec![30.0; 5]]).map(|values| {
        let points = values.iter().zip(values.iter().rev()).map(|(&x, &y)| (x, y)).collect();
        let levels = values.iter().map(|&value| Level { name: "a\u{0}b\nc".to_owned(), value }).collect();
        Chart { curves: vec![Curve::default(), Curve { name: String::new(), points }], levels, ..chart() }
    }));
    for (i, chart) in charts.iter().enumerate() {
        let svg = chart.to_svg();
        elements(&svg);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{chart:?}: {svg}");
        // Drawing takes longer than laying out, and has less that depends on the values.
        if i % 8 < 3 {
            chart.to_image();
        }
    }
}
