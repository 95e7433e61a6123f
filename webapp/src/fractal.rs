//! Fractals over HTTP: tiles for the explorer ([`tile`]), pictures for whoever has no scripts ([`picture`]), the nearest
//! copy of the set ([`nucleus`]) and the carpet. What is computed waits its turn in the [`renderer`], and every visitor has
//! an account of computing time ([`ledger`]).

pub(crate) mod carpet;
mod dwell;
pub(crate) mod image;
mod ledger;
pub(crate) mod nucleus;
pub(crate) mod palettes;
pub(crate) mod parameter;
pub(crate) mod picture;
pub(crate) mod presets;
pub(crate) mod renderer;
pub(crate) mod tile;
