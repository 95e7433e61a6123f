//! System tests live in `it/`.
