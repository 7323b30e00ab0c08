//! Fresh databases, builders, fake clock, fault points.
