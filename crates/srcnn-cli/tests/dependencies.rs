//! The dependencies against the lists of `deny.toml`: licences, sources and bans. Does what `cargo deny` checks,
//! without it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, ParseMode};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Whether `allowed` licences are enough for an expression of SPDX's, in which `/` may stand for `OR`.
fn satisfied(expression: &str, allowed: &[&str]) -> bool {
    let expression = Expression::parse_mode(expression, ParseMode { allow_unknown: true, ..ParseMode::LAX });
    expression.is_ok_and(|e| e.evaluate(|licence| allowed.contains(&licence.to_string().as_str())))
}

#[test]
fn expressions_of_licences_are_understood() {
    let allowed = ["MIT", "Zlib"];
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
            let exceptions = table("exceptions", "licenses").iter().filter(|e| e["crate"].as_str() == Some(name));
            let allowed: Vec<&str> =
                licenses.iter().copied().chain(exceptions.flat_map(|e| strings(&e["allow"]))).collect();
            let licensed = package["license"].as_str().is_some_and(|expression| satisfied(expression, &allowed));
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
