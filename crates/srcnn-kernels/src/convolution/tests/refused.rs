//! Layers, weights and maps that do not fit.

use crate::convolution::Channels::{Narrow, Wide};
use crate::convolution::{Convolution, Map, Place};
use crate::isa::Isa;
use crate::proof::panics::assert_panics;

#[test]
fn without_weights_all_is_zero_or_refused() {
    for isa in Isa::available() {
        let data = [1.0; 16 * 9];
        let input = Map { data: &data, width: 3, height: 3, channels: 16 };
        let mut out = [5.0; 16];
        Convolution::new(isa, 3, Wide(4), Wide(4)).forward(input, Place { data: &mut out, row_length: 16 });
        assert_eq!(out, [0.0; 16], "{}", isa.name());
        let narrow = Convolution::new(isa, 3, Wide(4), Narrow(1));
        assert_panics("no weights", || narrow.forward(input, Place { data: &mut out, row_length: 1 }));
    }
}

#[test]
fn layers_and_weights_that_do_not_fit_are_refused() {
    let isa = Isa::best();
    assert_panics("narrow on both sides", || Convolution::new(isa, 3, Narrow(1), Narrow(1)));
    let layer = Convolution::new(isa, 3, Wide(2), Wide(4));
    for (kernels, biases) in [(71, 4), (73, 4), (72, 3), (72, 5)] {
        let mut layer = layer.clone();
        assert_panics(&format!("{kernels} weights, {biases} biases"), || {
            layer.load(&vec![0.0; kernels], &vec![0.0; biases]);
        });
    }
    let sums = layer.sums_len();
    let unpack = |sums: usize, kernels: usize, biases: usize| {
        layer.unpack(&vec![0.0; sums], &mut vec![0.0; kernels], &mut vec![0.0; biases]);
    };
    unpack(sums, 72, 4);
    for (sums, kernels, biases) in [(sums - 1, 72, 4), (sums + 1, 72, 4), (sums, 71, 4), (sums, 72, 3), (sums, 72, 5)] {
        assert_panics(&format!("{sums} sums, {kernels} weights, {biases} biases"), || unpack(sums, kernels, biases));
    }
}

/// A layer of 3x3 and the sizes of maps of 6x5 pixels: input, output, framed gradient.
struct Fitting {
    layer: Convolution,
    input: [usize; 3],
    output: [usize; 3],
    gradient: [usize; 3],
}

/// Every storage of channels on every instruction set.
fn fitting() -> impl Iterator<Item = Fitting> {
    let channels = [(Wide(5), Wide(20)), (Wide(5), Narrow(2)), (Narrow(2), Wide(5))];
    Isa::available().into_iter().flat_map(move |isa| {
        channels.map(|(inputs, outputs)| {
            let mut layer = Convolution::new(isa, 3, inputs, outputs);
            layer.load(&vec![1.0; inputs.count() * outputs.count() * 9], &vec![1.0; outputs.count()]);
            let (input, output) = ([6, 5, inputs.stored()], [4, 3, outputs.stored()]);
            Fitting { layer, input, output, gradient: [8, 7, outputs.stored()] }
        })
    })
}

fn area(size: [usize; 3]) -> usize {
    size.iter().product()
}

/// A map of this size in a slice that is `shorter` by so many floats.
fn map(data: &mut Vec<f32>, size: [usize; 3], shorter: usize) -> Map<'_> {
    data.resize(area(size) - shorter, 1.0);
    Map { data, width: size[0], height: size[1], channels: size[2] }
}

#[test]
fn inputs_that_do_not_fit_are_refused() {
    for Fitting { layer, input, output, .. } in fitting() {
        let run = |size: [usize; 3], shorter: usize, room: usize, row_length: usize| {
            let (mut data, mut out) = (Vec::new(), vec![0.0; room]);
            layer.forward(map(&mut data, size, shorter), Place { data: &mut out, row_length });
        };
        let (room, row) = (area(output), output[0] * output[2]);
        let [width, height, channels] = input;
        run(input, 0, room, row);
        assert_panics("a short input", || run(input, 1, room, row));
        assert_panics("too little room", || run(input, 0, room - 1, row));
        assert_panics("rows that overlap", || run(input, 0, room, row - 1));
        assert_panics("no row", || run(input, 0, room, 0));
        assert_panics("other channels", || run([width, height, channels + 1], 0, room, row));
        assert_panics("narrower than a kernel", || run([1, height, channels], 0, room, row));
        assert_panics("lower than a kernel", || run([width, 1, channels], 0, room, row));
        assert_panics("a size that overflows", || run([usize::MAX / 4 + 1, height, channels], 0, room, row));
    }
}

#[test]
fn gradients_that_do_not_fit_are_refused() {
    for Fitting { layer, input, gradient, .. } in fitting() {
        let run = |size: [usize; 3], shorter: usize, room: usize, row_length: usize| {
            let (mut data, mut out) = (Vec::new(), vec![0.0; room]);
            layer.backward_data(map(&mut data, size, shorter), Place { data: &mut out, row_length });
        };
        let (room, row) = (area(input), input[0] * input[2]);
        let [width, height, channels] = gradient;
        if let Narrow(_) = layer.inputs() {
            assert_panics("a narrow input", || run(gradient, 0, room, row));
            continue;
        }
        run(gradient, 0, room, row);
        // The frame's last rows are zero and not read.
        assert_panics("a short gradient", || run(gradient, 2 * width * channels + 1, room, row));
        assert_panics("too little room", || run(gradient, 0, room - 1, row));
        assert_panics("rows that overlap", || run(gradient, 0, room, row - 1));
        assert_panics("other channels", || run([width, height, channels + 1], 0, room, row));
        assert_panics("narrower than its frame", || run([1, height, channels], 0, room, row));
        assert_panics("lower than its frame", || run([width, 1, channels], 0, room, row));
    }
}

#[test]
fn maps_of_two_layers_are_refused() {
    for Fitting { layer, input, gradient, .. } in fitting() {
        let run = |input: [usize; 3], gradient: [usize; 3], shorter: [usize; 3]| {
            let (mut data, mut gradients) = (Vec::new(), Vec::new());
            let (input, gradient) = (map(&mut data, input, shorter[0]), map(&mut gradients, gradient, shorter[1]));
            layer.backward_weights(input, gradient, &mut vec![0.0; layer.sums_len() - shorter[2]]);
        };
        run(input, gradient, [0; 3]);
        assert_panics("a short input", || run(input, gradient, [1, 0, 0]));
        // The frame's last rows are zero and not read.
        let frame = 2 * gradient[0] * gradient[2] + 2 * gradient[2] + 1;
        assert_panics("a short gradient", || run(input, gradient, [0, frame, 0]));
        assert_panics("few sums", || run(input, gradient, [0, 0, 1]));
        for at in 0..3 {
            let (mut other_input, mut other_gradient) = (input, gradient);
            other_input[at] += 1;
            other_gradient[at] += 1;
            assert_panics("another input", || run(other_input, gradient, [0; 3]));
            assert_panics("another gradient", || run(input, other_gradient, [0; 3]));
        }
    }
}
