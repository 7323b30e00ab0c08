//! The `centrala` server as a library.
