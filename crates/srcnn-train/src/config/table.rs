//! Configurations as TOML.

use super::error::ConfigError;
use super::fields::Config;

impl Config {
    /// The fields in a text of TOML: a configuration, or the card of a trained model, which holds its configuration.
    ///
    /// # Errors
    /// [`ConfigError::Syntax`] if the text is not TOML.
    pub fn fields(text: &str) -> Result<toml::Table, ConfigError> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| ConfigError::Syntax { reason: e.into() })?;
        let of_card = table.get("training").and_then(|training| training.get("config")?.as_table().cloned());
        Ok(of_card.unwrap_or(table))
    }

    /// The configuration of a table: its `preset` (`best` by default), with the fields of the table.
    ///
    /// # Errors
    /// [`ConfigError`] for an unknown preset or field, or a value that is not valid.
    pub fn from_table(mut table: toml::Table) -> Result<Self, ConfigError> {
        let preset = match table.remove("preset") {
            None => "best".to_owned(),
            Some(toml::Value::String(name)) => name,
            Some(other) => other.to_string(),
        };
        let mut whole = toml::Table::try_from(Self::preset(&preset)?).expect("a configuration is a table");
        whole.extend(table);
        let config: Self = whole.try_into().map_err(|e| ConfigError::Syntax { reason: e.into() })?;
        config.check()?;
        Ok(config)
    }

    /// All fields as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a configuration is a table")
    }
}
