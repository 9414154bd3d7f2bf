//! Property-test strategies and assertions for protocol models.
