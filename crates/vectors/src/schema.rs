//! The JSON schema of vector files, for editors: `busproof new --schema`.
//!
//! It is made from the tables that read the files, so the two cannot differ.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema as _, Schema};
use serde_json::{Value, json};

use crate::format::raw::VectorTable;

/// The schema, as a JSON document.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = file(generator.into_root_schema_for::<VectorTable>()).to_value();
    remove_null(&mut schema);
    schema
}

/// TOML has no null: a key that may be absent is just not required.
fn remove_null(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(remove_null),
        Value::Object(table) => {
            if let Some(Value::Array(types)) = table.get("type")
                && let [one, Value::String(null)] = types.as_slice()
                && null == "null"
            {
                let one = one.clone();
                table.insert("type".into(), one);
            }
            if let Some(Value::Array(choices)) = table.get("anyOf")
                && let [Value::Object(one), null] = choices.as_slice()
                && *null == json!({ "type": "null" })
            {
                let one = one.clone();
                table.remove("anyOf");
                table.extend(one);
            }
            table.values_mut().for_each(remove_null);
        }
        _ => {}
    }
}

/// What a file has beyond a vector: cases, each again a vector of which the file gives the rest, and a sweep.
fn file(vector: Schema) -> Schema {
    let mut root = vector;
    let case = root.as_object().map(case_of).unwrap_or_default();
    if let Some(properties) = root.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(
            "case".into(),
            json!({
                "description": "Several vectors in one file: what each of them says on top of the file.",
                "type": "array",
                "items": { "$ref": "#/$defs/Case" },
            }),
        );
        properties.insert("sweep".into(), sweep());
    }
    if let Some(definitions) = root.get_mut("$defs").and_then(Value::as_object_mut) {
        definitions.insert("Case".into(), case);
    }
    root.insert("title".into(), "busproof vector file".into());
    root
}

/// A vector that must have a name, and may have a sweep.
fn case_of(vector: &serde_json::Map<String, Value>) -> Value {
    let mut properties = vector.get("properties").cloned().unwrap_or_default();
    if let Some(properties) = properties.as_object_mut() {
        properties.insert("sweep".into(), sweep());
    }
    json!({
        "description": "A vector, as far as it differs from what the file says.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "required": ["name"],
    })
}

fn sweep() -> Value {
    json!({
        "description": "Runs with every combination of these values: the tables of a vector, with lists of values, or ranges such as `0..3` or `-4 %..4 %:0.5 %`.",
        "type": "object",
    })
}

/// The tables of the format with their keys, by the names that the schema gives them: what the specification must
/// describe.
pub fn tables() -> Vec<(String, Vec<String>)> {
    let schema = schema();
    let keys = |table: &Value| -> Vec<String> {
        table["properties"].as_object().map(|p| p.keys().cloned().collect()).unwrap_or_default()
    };
    let mut tables = vec![(VectorTable::schema_name().into_owned(), keys(&schema))];
    if let Some(definitions) = schema["$defs"].as_object() {
        tables.extend(definitions.iter().map(|(name, table)| (name.clone(), keys(table))));
    }
    tables.retain(|(name, keys)| !keys.is_empty() && name != "Case");
    tables
}
