//! Names of outputs.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use anyhow::Result;

use crate::inputs;
use crate::outcome::Usage;

/// A template such as `{stem}-{model}-x{scale}.{ext}`, with the fields filled in that are the same for all files.
#[derive(Debug)]
pub struct Naming {
    template: Option<String>,
}

const FIELDS: &str = "{stem}, {ext}, {model} and {scale}";

impl Naming {
    /// Checks a template; without one, outputs have the names of their inputs.
    ///
    /// # Errors
    /// [`Usage`] if it has unknown fields, contains folders, or gives all files one name.
    pub fn new(template: Option<&str>, model: &str, scale: Option<&str>) -> Result<Self> {
        let Some(template) = template else { return Ok(Self { template: None }) };
        let filled = template.replace("{model}", model).replace("{scale}", scale.unwrap_or_default());
        let rest = filled.replace("{stem}", "").replace("{ext}", "");
        let problem = if rest.contains(['{', '}']) {
            Some(format!("has fields that are unknown; there are {FIELDS}"))
        } else if filled.contains(['/', '\\']) {
            Some("names folders; the tree of the inputs is kept".to_owned())
        } else if scale.is_none() && template.contains("{scale}") {
            Some("{scale} differs between pictures if a size is asked for".to_owned())
        } else if !template.contains("{stem}") {
            Some("needs {stem}, or all outputs would have the same name".to_owned())
        } else {
            None
        };
        match problem {
            Some(problem) => Err(Usage(format!("--name {template}: {problem}")).into()),
            None => Ok(Self { template: Some(filled) }),
        }
    }

    /// The output path in `folder` for an input whose path within its own folder is `below`. The extension is
    /// `extension` if given, else the input's if its format can be written, else `png`.
    pub fn output(&self, folder: &Path, below: &Path, extension: Option<&str>) -> PathBuf {
        let own = below.extension().and_then(OsStr::to_str).filter(|_| inputs::writable(below));
        let extension = extension.or(own).unwrap_or("png");
        // Leave out `..` and everything else that leads out of the folder.
        let inside: PathBuf = below.components().filter(|c| matches!(c, Component::Normal(_))).collect();
        let output = folder.join(&inside);
        match &self.template {
            None => output.with_extension(extension),
            Some(template) => {
                let stem = inside.file_stem().unwrap_or_default();
                let template = template.replace("{ext}", extension);
                // Names need not be text.
                let mut name = OsString::new();
                for (i, between) in template.split("{stem}").enumerate() {
                    if i > 0 {
                        name.push(stem);
                    }
                    name.push(between);
                }
                if !inputs::writable(Path::new(&name)) {
                    name.push(".");
                    name.push(extension);
                }
                output.with_file_name(name)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_and_trees_are_kept() {
        let naming = Naming::new(Some("{stem}-{model}-x{scale}.{ext}"), "m", Some("2")).expect("a template");
        assert_eq!(naming.output(Path::new("out"), Path::new("a/b.jpg"), None), Path::new("out/a/b-m-x2.jpg"));
        assert_eq!(naming.output(Path::new("out"), Path::new("b.heic"), None), Path::new("out/b-m-x2.png"));
        let plain = Naming::new(None, "m", Some("2")).expect("no template");
        assert_eq!(plain.output(Path::new("out"), Path::new("../a/b.c.JPG"), None), Path::new("out/a/b.c.JPG"));
        assert_eq!(plain.output(Path::new("out"), Path::new("b.c.jpg"), Some("webp")), Path::new("out/b.c.webp"));
        let bare = Naming::new(Some("{stem}.big"), "m", Some("2")).expect("a template");
        assert_eq!(bare.output(Path::new("o"), Path::new("b.tif"), None), Path::new("o/b.big.tif"));
        for bad in ["{stem}/{ext}", "{stem}{x}", "large.png", "{stem"] {
            assert!(Naming::new(Some(bad), "m", Some("2")).is_err(), "{bad}");
        }
        assert!(Naming::new(Some("{stem}-x{scale}"), "m", None).is_err());
    }
}
