//! Edges, ensembles and strength.

use super::*;

#[test]
fn a_wrapped_tile_is_the_middle_of_a_tiling() {
    let settings = Settings { edge: Edge::Wrap, ..Settings::default() };
    for (channels, size, target) in
        [(1, (23, 17), (46, 34)), (3, (16, 21), (27, 36)), (4, (5, 3), (15, 9)), (3, (40, 40), (20, 33))]
    {
        let tile = picture(size.0, size.1, channels, 3);
        for settings in [settings, Settings { ensemble: true, strength: 0.6, ..settings }] {
            let upscaler = with(settings);
            let alone = upscaler.upscale(&tile, target, &Silent).expect("possible");
            let among = upscaler.upscale(&tiled(&tile, 3), (3 * target.0, 3 * target.1), &Silent).expect("possible");
            let off = worst(&alone, &middle(&among));
            assert!(off <= ROUNDING, "{size:?} to {target:?}, {channels} channels, {settings:?}: {off}");
        }
        let upscaler = with(settings);
        let alone = upscaler.restore(&tile, &Silent).expect("possible");
        let among = upscaler.restore(&tiled(&tile, 3), &Silent).expect("possible");
        assert!(worst(&alone, &middle(&among)) <= ROUNDING, "restore {size:?}");
    }
}

#[test]
fn mirrored_edges_are_those_of_a_mirrored_tiling() {
    let tile = picture(19, 13, 3, 5);
    let Samples::U16(pixels) = tile.samples() else { panic!("16 bits") };
    let at = |i: usize, n: usize| Edge::Mirror.position(i as i64 - n as i64, n);
    let data = (0..39).flat_map(|y| (0..57).map(move |x| (x, y)));
    let data = data.flat_map(|(x, y)| pixels.row(at(y, 13))[3 * at(x, 19)..3 * at(x, 19) + 3].to_vec()).collect();
    let tiling = Image::new(Samples::U16(Pixels::new(57, 39, 3, data).expect("filled"))).expect("RGB");
    for edge in [Edge::Mirror, Edge::Wrap] {
        let upscaler = with(Settings { edge, ..Settings::default() });
        let alone = upscaler.upscale(&tile, (38, 26), &Silent).expect("possible");
        let among = middle(&upscaler.upscale(&tiling, (114, 78), &Silent).expect("possible"));
        assert_eq!(worst(&alone, &among) <= ROUNDING, edge == Edge::Mirror, "{edge:?}");
    }
}

#[test]
fn an_ensemble_does_not_see_how_the_picture_is_turned() {
    let turned = |image: &Image| {
        let Samples::U16(pixels) = image.samples() else { panic!("16 bits") };
        let planes: Vec<_> = pixels
            .to_planes()
            .iter()
            .map(|p| Plane::from_fn(p.height(), p.width(), |x, y| p.row(x)[p.width() - 1 - y]))
            .collect();
        Image::new(Samples::U16(Pixels::from_planes(&planes))).expect("the same channels")
    };
    let image = picture(37, 22, 3, 9);
    for (ensemble, same) in [(true, true), (false, false)] {
        let upscaler = with(Settings { ensemble, ..Settings::default() });
        let run = |image: &Image| upscaler.run(image).expect("possible");
        let off = worst(&turned(&run(&image)), &run(&turned(&image)));
        assert_eq!(off <= ROUNDING, same, "ensemble {ensemble}: {off}");
    }
}

#[test]
fn strength_goes_from_bicubic_to_the_network() {
    let image = picture(30, 20, 3, 1);
    let at = |strength: f32| with(Settings { strength, ..Settings::default() }).run(&image).expect("possible");
    let Samples::U16(pixels) = image.samples() else { panic!("16 bits") };
    let planes: Vec<_> = (0..3).map(|c| image.channel::<f32>(c)).collect();
    let bicubic: Vec<_> = planes
        .iter()
        .map(|p| resize_plane(p, (60, 40), Convention::MatlabBicubic(Edge::Mirror)).expect("a size"))
        .map(|p| p.map(crate::quantize::to_u16))
        .collect();
    assert_eq!(pixels.size(), (30, 20));
    assert_eq!(at(0.0), Image::new(Samples::U16(Pixels::from_planes(&bicubic))).expect("RGB"));
    assert_eq!(at(1.0), Prepared::new(&model()).run(&image).expect("possible"));
    assert_eq!((at(7.0), at(-1.0), at(f32::NAN)), (at(1.0), at(0.0), at(1.0)));
    let (none, half, all) = (at(0.0), at(0.5), at(1.0));
    let (Samples::U16(none), Samples::U16(half), Samples::U16(all)) = (none.samples(), half.samples(), all.samples())
    else {
        panic!("16 bits")
    };
    for ((none, half), all) in none.as_slice().iter().zip(half.as_slice()).zip(all.as_slice()) {
        let inside = |v: u16| (1..65_535).contains(&v);
        let mean = (f64::from(*none) + f64::from(*all)) / 2.0;
        // With half the strength luma is half-way between; chroma is interpolated in every case. Clipping is not
        // linear.
        assert!(!inside(*none) || !inside(*all) || (mean - f64::from(*half)).abs() <= 1.5, "{none} {half} {all}");
    }
}
