//! How agents like their screens. No facts: it concerns nobody else.

pub mod change;
