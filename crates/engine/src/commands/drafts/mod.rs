//! What agents have begun to write. No facts: nobody else may know of it
//! (`docs/adr/0010-volatile-frames.md`).

pub mod delete;
pub mod save;
