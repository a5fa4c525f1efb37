//! Files that hold several networks: which one is asked for by name, and each is read by its name.

mod fixtures;

use std::path::Path;

use fixtures::{folder, model_of};
use srcnn::weights::{WeightError, WeightFile, split_part, to_onnx};

/// Bytes of a safetensors file with tensors of these names and shapes, filled with `value`.
fn safetensors(tensors: &[(&str, &[usize], f32)]) -> Vec<u8> {
    let (mut entries, mut data) = (Vec::new(), Vec::new());
    for (name, shape, value) in tensors {
        let start = data.len();
        (0..shape.iter().product()).for_each(|_| data.extend(value.to_le_bytes()));
        let end = data.len();
        entries.push(format!(r#""{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{start},{end}]}}"#));
    }
    let header = format!("{{{}}}", entries.join(","));
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat()
}

/// A network of two layers under each prefix, whose values tell the prefixes apart.
fn networks(prefixes: &[&str]) -> Vec<u8> {
    let names: Vec<_> =
        prefixes.iter().flat_map(|p| [format!("{p}conv1.weight"), format!("{p}conv2.weight")]).collect();
    let shapes: [&[usize]; 2] = [&[2, 1, 3, 3], &[1, 2, 3, 3]];
    let list: Vec<_> = names.iter().enumerate().map(|(i, n)| (n.as_str(), shapes[i % 2], (i / 2 + 1) as f32)).collect();
    safetensors(&list)
}

fn first(bytes: &[u8], part: &str) -> f32 {
    let file = WeightFile::parse_part(bytes, part).unwrap_or_else(|e| panic!("{part}: {e}"));
    model_of(file, part).weights()[0].kernels[0]
}

#[test]
fn several_networks_are_asked_for_by_name_in_every_table_format() {
    let path = |name: &str| folder().join("weights").join(name);
    let cases = [
        ("two-networks.pth", ["model", "ema_model"]),
        ("refused-two.pth", ["generator", "critic"]),
        ("two-networks.weights.h5", ["own", "sequential"]),
    ];
    for (name, parts) in cases {
        let error = WeightFile::open(path(name)).expect_err(name).to_string();
        let asked = format!("holds several networks: `{}`, `{}`; say which", parts[0], parts[1]);
        assert!(error.contains(&asked) && error.contains(name), "{error}");
        assert!(error.contains(&format!("FILE#{}", parts[0])), "{error}");
        let whole = model_of(WeightFile::open_part(path(name), parts[0]).expect("the first"), name);
        let truth = model_of(WeightFile::open(path("grey-5-3-3.safetensors")).expect("a network"), name);
        assert_eq!(whole.weights(), truth.weights(), "{name}");
        let other = WeightFile::open_named(format!("{}#{}", path(name).display(), parts[1])).expect("the second");
        assert_ne!(model_of(other, name).weights(), truth.weights(), "{name}");
        let unknown = WeightFile::open_part(path(name), "nobody").expect_err(name).to_string();
        assert!(unknown.contains("no network named `nobody`; there is"), "{unknown}");
    }
    for name in ["grey-5-3-3-authors.mat", "grey-5-3-3-keras2.h5", "grey-5-3-3-zero.ncnn.param"] {
        let error = WeightFile::open_part(path(name), "any").expect_err(name).to_string();
        assert!(error.contains("it has one network without a name"), "{error}");
    }
}

#[test]
fn prefixes_of_all_kinds_are_told_apart_in_safetensors() {
    for prefixes in [["net.", "net_ema."], ["netG.", "netD."], ["module.student.", "module.teacher."], ["a.b.", "c."]] {
        let bytes = networks(&prefixes);
        let Err(WeightError::SeveralNetworks { mut names, .. }) = WeightFile::parse(&bytes) else {
            panic!("{prefixes:?} is no question")
        };
        names.sort_by_key(|n| prefixes.iter().position(|p| p.trim_end_matches('.').ends_with(n.as_str())));
        for (at, name) in names.iter().enumerate() {
            assert_eq!(first(&bytes, name), (at + 1) as f32, "{name}");
        }
    }
    assert_eq!(first(&networks(&["", "ema."]), "."), 1.0);
    assert_eq!(first(&networks(&["", "ema."]), "ema"), 2.0);
    assert_eq!(first(&networks(&["module."]), "module"), 1.0);
    assert!(WeightFile::parse(&networks(&["module._orig_mod.net."])).is_ok());
}

#[test]
fn metadata_of_other_programs_states_nothing_and_other_types_are_named() {
    let plain = networks(&[""]);
    let with = |entries: &str| {
        let header = format!("{{\"__metadata__\":{{{entries}}},{}", &String::from_utf8_lossy(&plain[9..]));
        let end = header.find("}}").map(|_| plain[0] as usize + header.find("\"conv1").unwrap_or(0) - 1).unwrap_or(0);
        let text = &header.as_bytes()[..end];
        [&(text.len() as u64).to_le_bytes()[..], text, &plain[8 + plain[0] as usize..]].concat()
    };
    for entries in [r#""format":"pt""#, r#""format":"pt","scale":"a lot","padding":"same""#, r#""luma":"bright""#] {
        let file = WeightFile::parse(&with(entries)).unwrap_or_else(|e| panic!("{entries}: {e}"));
        assert!(file.facts.scale.is_none() && file.notes.is_empty(), "{entries}");
    }
    let mut whole = plain.clone();
    let at = whole.windows(3).position(|bytes| bytes == b"F32").expect("a type");
    whole[at] = b'I';
    let error = WeightFile::parse(&whole).expect_err("whole numbers").to_string();
    assert!(error.contains("`conv1.weight` is I32; F16, BF16, F32 and F64 are read"), "{error}");
}

#[test]
fn a_file_whose_own_name_has_the_sign_is_meant_as_a_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("weights#1.safetensors");
    std::fs::write(&path, networks(&["a.", "b."])).expect("room");
    assert_eq!(split_part(&path), (path.as_path(), None));
    let named = format!("{}#b", path.display());
    assert_eq!(split_part(Path::new(&named)), (path.as_path(), Some("b")));
    assert!(WeightFile::open_named(&named).is_ok());
    assert!(WeightFile::open_named(&path).is_err_and(|e| e.to_string().contains("several networks")));
}

#[test]
fn an_onnx_graph_of_two_outputs_is_read_by_the_name_of_one() {
    let model = model_of(WeightFile::open(folder().join("weights/grey-5-3-3.safetensors")).expect("a network"), "grey");
    let one = to_onnx(&model).expect("layers");
    // Messages of protocol buffers that follow one another are one message. The second has other names of the same lengths.
    let mut two = one.clone();
    for (from, to) in [("layer", "stage"), ("input", "enter"), ("output", "second")] {
        for at in 0..two.len() - from.len() {
            if two[at..].starts_with(from.as_bytes()) {
                two[at..at + to.len()].copy_from_slice(to.as_bytes());
            }
        }
    }
    let both = [one, two].concat();
    let error = WeightFile::parse(&both).expect_err("two").to_string();
    assert!(error.contains("several networks: `output`, `second`"), "{error}");
    for part in ["output", "second"] {
        let file = WeightFile::parse_part(&both, part).unwrap_or_else(|e| panic!("{part}: {e}"));
        assert_eq!(model_of(file, part).weights(), model.weights(), "{part}");
    }
    assert!(WeightFile::parse_part(&both, "third").is_err_and(|e| e.to_string().contains("no network named `third`")));
}

/// Tables made to take long.
#[test]
fn tables_of_many_nested_names_are_refused_soon() {
    let shape: &[usize] = &[0, 1, 3, 3];
    let names: Vec<_> = (0..4000).map(|n| format!("{}{n}.weight", "a.".repeat(n % 400))).collect();
    let list: Vec<_> = names.iter().map(|n| (n.as_str(), shape, 0.0)).collect();
    assert!(WeightFile::parse(&safetensors(&list)).is_err());
    let shape: &[usize] = &[1, 1, 1, 1];
    let names: Vec<_> = (0..4000).map(|n| format!("{}.{}.{n}.weight", n % 63, n % 7)).collect();
    let list: Vec<_> = names.iter().map(|n| (n.as_str(), shape, 0.0)).collect();
    assert!(WeightFile::parse(&safetensors(&list)).is_err());
}
