//! The dependencies against the lists of `deny.toml`: licences, sources and bans. Does what `cargo deny` checks,
//! without it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Whether the `allowed` licences satisfy an SPDX expression; `AND` binds tighter than `OR`, and `/` is an old form of
/// `OR`.
fn satisfied(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (result, rest) = any(&words, allowed);
    assert!(rest.is_empty(), "{expression}: {rest:?}");
    result
}

fn any<'w>(words: &'w [&'w str], allowed: &dyn Fn(&str) -> bool) -> (bool, &'w [&'w str]) {
    let (mut result, mut rest) = all(words, allowed);
    while let ["OR", after @ ..] = rest {
        let (other, after) = all(after, allowed);
        (result, rest) = (result | other, after);
    }
    (result, rest)
}

fn all<'w>(words: &'w [&'w str], allowed: &dyn Fn(&str) -> bool) -> (bool, &'w [&'w str]) {
    let (mut result, mut rest) = one(words, allowed);
    while let ["AND", after @ ..] = rest {
        let (other, after) = one(after, allowed);
        (result, rest) = (result & other, after);
    }
    (result, rest)
}

fn one<'w>(words: &'w [&'w str], allowed: &dyn Fn(&str) -> bool) -> (bool, &'w [&'w str]) {
    match words {
        ["(", inner @ ..] => match any(inner, allowed) {
            (result, [")", rest @ ..]) => (result, rest),
            _ => panic!("{words:?}: a bracket is open"),
        },
        [name, "WITH", exception, rest @ ..] => (allowed(&format!("{name} WITH {exception}")), rest),
        [name, rest @ ..] => (allowed(name), rest),
        [] => panic!("a licence is missing"),
    }
}

#[test]
fn expressions_of_licences_are_understood() {
    let allowed = |name: &str| ["MIT", "Zlib"].contains(&name);
    for good in ["MIT", "Apache-2.0/MIT", "(MIT OR GPL-3.0) AND Zlib", "GPL-3.0 AND X OR MIT", "A WITH B OR MIT"] {
        assert!(satisfied(good, &allowed), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Zlib) AND GPL-3.0", "MIT WITH X"] {
        assert!(!satisfied(bad, &allowed), "{bad}");
    }
}

fn strings(list: &toml::Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|item| item.as_str().expect("text")).collect()
}

/// All packages of a workspace, for all systems.
fn packages(manifest: &Path) -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let Value::Array(packages) = metadata["packages"].take() else { panic!("no packages") };
    packages
}

#[test]
#[ignore = "cargo may have to fetch what other systems need; .ci/run runs it"]
fn dependencies_are_as_deny_toml_has_them() {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("there");
    let deny: toml::Value = toml::from_str(&text).expect("TOML");
    let (licenses, sources) = (strings(&deny["licenses"]["allow"]), strings(&deny["sources"]["allow-registry"]));
    let table = |list: &'static str, of: &'static str| deny[of][list].as_array().expect("a list");
    let banned: Vec<&str> = table("deny", "bans").iter().filter_map(|ban| ban["crate"].as_str()).collect();
    let mut problems = Vec::new();
    for manifest in ["Cargo.toml", "fuzz/Cargo.toml"] {
        let packages = packages(&root().join(manifest));
        assert!(packages.len() > 50, "{manifest}");
        for package in &packages {
            let name = package["name"].as_str().expect("a name");
            let mut exceptions = table("exceptions", "licenses").iter().filter(|e| e["crate"].as_str() == Some(name));
            let licensed = package["license"].as_str().is_some_and(|expression| {
                let more = exceptions.next().map_or_else(Vec::new, |exception| strings(&exception["allow"]));
                satisfied(expression, &|licence| licenses.contains(&licence) || more.contains(&licence))
            });
            let source = package["source"].as_str();
            let wild = |d: &&Value| d["req"] == "*" && d["path"].is_null();
            let wildcards = package["dependencies"].as_array().expect("a list").iter().filter(wild).count();
            if !licensed {
                problems.push(format!("{manifest}: {name}: the licence {} is not allowed", package["license"]));
            }
            if !source.is_none_or(|s| s.strip_prefix("registry+").is_some_and(|s| sources.contains(&s))) {
                problems.push(format!("{manifest}: {name}: the source {} is not allowed", package["source"]));
            }
            if banned.contains(&name) {
                problems.push(format!("{manifest}: {name} is banned"));
            }
            if source.is_none() && wildcards > 0 {
                problems.push(format!("{manifest}: {name} depends on any version of something"));
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}
