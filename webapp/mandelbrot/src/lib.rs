//! The fractal engine: which part of the plane ([`View`]), how fast each point escapes ([`escape()`]),
//! a whole picture of that ([`render`]), its colours ([`Palette`]), and edges without stairs ([`reduce`]). It
//! knows no I/O and no async.

mod escape;
mod palette;
mod reduce;
mod render;
mod view;

pub use escape::{Escape, escape};
pub use palette::Palette;
pub use reduce::reduce;
pub use render::render;
pub use view::{CENTER, ITERATIONS, MOST_PIXELS, MOST_WORK, SIDE, View, ViewError, WIDTH};
