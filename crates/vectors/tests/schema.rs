//! The JSON schema is a promise to editors: a change of it must be seen.

#[test]
fn schema_is_the_one_we_published() {
    let schema = serde_json::to_string_pretty(&busproof_vectors::schema::schema()).unwrap();
    insta::assert_snapshot!(schema);
}
