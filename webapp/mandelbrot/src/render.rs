//! A whole job: cells of the picture in parallel, each handed over as soon as it is finished.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use crate::deep::{self, References};
use crate::direct::cell::{self, Scratch};
use crate::job::Job;
use crate::raw::Raw;

/// Pixels along the edge of a cell.
pub(crate) const CELL: u32 = 64;

/// A switch that a caller keeps: once thrown, work with it ends within milliseconds.
#[derive(Debug, Default)]
pub struct Cancel(AtomicBool);

impl Cancel {
    /// Ends the work.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Tells whether the work is to end.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The caller cancelled; what the sink has got is right but not all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cancelled;

impl std::fmt::Display for Cancelled {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("cancelled")
    }
}

impl std::error::Error for Cancelled {}

/// A finished part of the picture.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The column of its left edge.
    pub column: u32,
    /// The row of its upper edge.
    pub row: u32,
    /// Its pixels.
    pub raw: Raw,
}

/// What a job took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Pixels computed.
    pub pixels: u64,
    /// Pixels that did not leave.
    pub inside: u64,
    /// Length of the reference orbit, 0 without one.
    pub reference: u64,
}

/// Computes a job on the current rayon pool. `sink` gets 64 × 64 cells, from the middle outwards,
/// from several threads.
///
/// # Errors
/// [`Cancelled`] when the caller ended it.
pub fn render(
    job: &Job,
    references: &References,
    cancel: &Cancel,
    sink: &(dyn Fn(Cell) + Sync),
) -> Result<Stats, Cancelled> {
    let deep = if job.is_deep() { Some(deep::prepare(job, references, cancel)?) } else { None };
    let inside = AtomicU64::new(0);
    cells(job).into_par_iter().for_each_init(Scratch::default, |scratch, mut cell| {
        if cancel.is_cancelled() {
            return;
        }
        match &deep {
            Some(deep) => deep.draw(job, &mut cell, cancel),
            None => cell::draw(job, &mut cell, scratch),
        }
        let never = cell.raw.steps.iter().filter(|&&steps| steps == crate::raw::NEVER).count();
        inside.fetch_add(never as u64, Ordering::Relaxed);
        if !cancel.is_cancelled() {
            sink(cell);
        }
    });
    if cancel.is_cancelled() {
        return Err(Cancelled);
    }
    let (columns, rows) = job.view.size();
    Ok(Stats {
        pixels: u64::from(columns) * u64::from(rows),
        inside: inside.into_inner(),
        reference: deep.map_or(0, |deep| deep.len() as u64),
    })
}

/// Computes a job and returns the whole picture.
///
/// # Errors
/// [`Cancelled`] when the caller ended it.
pub fn draw(job: &Job, references: &References, cancel: &Cancel) -> Result<Raw, Cancelled> {
    let (columns, rows) = job.view.size();
    let whole = Mutex::new(Raw::inside(columns, rows));
    render(job, references, cancel, &|cell: Cell| {
        let mut whole = whole.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for line in 0..cell.raw.rows {
            let from = (line * cell.raw.columns) as usize;
            let to = ((cell.row + line) * columns + cell.column) as usize;
            let width = cell.raw.columns as usize;
            whole.steps[to..to + width].copy_from_slice(&cell.raw.steps[from..from + width]);
            whole.fraction[to..to + width].copy_from_slice(&cell.raw.fraction[from..from + width]);
        }
    })?;
    Ok(whole.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// The cells of a job, still empty, those in the middle first.
fn cells(job: &Job) -> Vec<Cell> {
    let (columns, rows) = job.view.size();
    let edge = CELL as usize;
    let mut cells = Vec::new();
    for row in (0..rows).step_by(edge) {
        for column in (0..columns).step_by(edge) {
            let raw = Raw::inside(CELL.min(columns - column), CELL.min(rows - row));
            cells.push(Cell { column, row, raw });
        }
    }
    let from_middle =
        |at: u32, size: u32| (u64::from(at) * 2 + u64::from(CELL)).abs_diff(size.into());
    cells.sort_by_key(|cell| {
        from_middle(cell.column, columns).pow(2) + from_middle(cell.row, rows).pow(2)
    });
    cells
}
