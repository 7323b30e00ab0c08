//! The `centrala` binary.
fn main() {}
