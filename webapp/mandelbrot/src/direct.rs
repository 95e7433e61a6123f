//! Rendering in plain `f64`: which points are still open ([`Orbits`]), and the two ways to iterate them. Few steps:
//! vectors that wait for their slowest lane ([`finish`]). Many: blocks without tests, where a lane that is done
//! takes the next point ([`sweep`]); what it finds out is only that a point leaves within a block, which
//! [`finish`] then replays, so that both ways give the same bits.

pub(crate) mod cell;
pub(crate) mod finish;
pub(crate) mod proof;
pub(crate) mod smooth;
pub(crate) mod sweep;

/// Squared bailout radius (2⁸)²: far enough out that the smooth count has no visible seams.
pub(crate) const BAILOUT: f64 = 65_536.0;

/// How orbits are followed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// After how many steps a point counts as inside; a whole number.
    pub(crate) limit: f64,
    /// Steps between two tests, where there are such; a whole number.
    pub(crate) block: f64,
    /// Whether an orbit that repeats itself to the last bit may be left alone.
    pub(crate) cycles: bool,
}

/// Points under iteration, one column for each of their properties, so that vectors can be loaded.
#[derive(Debug, Default, Clone)]
pub(crate) struct Orbits {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    pub(crate) cx: Vec<f64>,
    pub(crate) cy: Vec<f64>,
    /// Steps taken.
    pub(crate) n: Vec<f64>,
    /// Which pixel it is.
    pub(crate) id: Vec<f64>,
    /// |z|² after the last step, once finished.
    pub(crate) squared: Vec<f64>,
    len: usize,
}

impl Orbits {
    /// Makes room for `most` points and for the vector that overhangs the last one.
    pub(crate) fn with_room(most: usize) -> Self {
        let column = || vec![0.0; most + ROOM];
        Self {
            x: column(),
            y: column(),
            cx: column(),
            cy: column(),
            n: column(),
            id: column(),
            squared: column(),
            len: 0,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn set_len(&mut self, len: usize) {
        self.len = len;
    }

    /// Adds a point that has taken no step.
    pub(crate) fn push(&mut self, id: u32, (x, y): (f64, f64), (cx, cy): (f64, f64)) {
        let at = self.len;
        (self.x[at], self.y[at]) = (x, y);
        (self.cx[at], self.cy[at]) = (cx, cy);
        (self.n[at], self.id[at]) = (0.0, f64::from(id));
        self.len += 1;
    }

    /// Adds a row of points from 0 that have taken no step.
    pub(crate) fn push_row(&mut self, first: u32, re: &[f64], im: f64) {
        let room = self.len..self.len + re.len();
        for column in [&mut self.x, &mut self.y, &mut self.n] {
            column[room.clone()].fill(0.0);
        }
        self.cx[room.clone()].copy_from_slice(re);
        self.cy[room.clone()].fill(im);
        for (slot, id) in self.id[room].iter_mut().zip(first..) {
            *slot = f64::from(id);
        }
        self.len += re.len();
    }
}

/// Slots behind the last point: a whole group of [`finish`] may overhang it.
pub(crate) const ROOM: usize = 64;
