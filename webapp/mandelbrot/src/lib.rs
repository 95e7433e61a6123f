//! The fractal engine: which part of the plane ([`View`]), what to compute there ([`Job`]) and what it costs
//! ([`plan`]), the picture ([`draw`], or [`render`] cell by cell), its colours ([`Palette`]), and edges without stairs
//! ([`reduce`]). It knows no I/O, no async and no global state.

mod carpet;
mod coloring;
mod coordinate;
mod deep;
mod direct;
mod extent;
mod fixed;
mod job;
mod kernel;
mod nucleus;
mod palette;
mod raw;
mod reduce;
mod refused;
mod render;
mod tile;
mod view;
mod wide;

/// Changes whenever a pixel of any view does.
pub const VERSION: u32 = 1;

pub use carpet::{Carpet, MOST_DEPTH};
pub use coloring::Coloring;
pub use coordinate::{Coordinate, MOST_DIGITS};
pub use deep::References;
pub use extent::{Extent, WIDTH};
pub use job::{Accuracy, Formula, Job, MOST_ITERATIONS, Plan, plan};
pub use kernel::Kernel;
pub use nucleus::{Nucleus, nucleus};
pub use palette::Palette;
pub use raw::{NEVER, Raw};
pub use reduce::reduce;
pub use refused::Refused;
pub use render::{Cancel, Cancelled, Cell, Stats, draw, render};
pub use tile::{DEEPEST, TILE, Tile};
pub use view::{CENTER, MOST_PIXELS, SIDE, View, automatic_limit};
