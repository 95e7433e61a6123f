//! Which steps may begin: each after what it needs, none after one that failed.
//!
//! Steps that need the same range of steps stand at one gate, so that a plan is walked in time that grows with its
//! length, however many steps a delete waits for.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::Plan;

/// How far a plan has been carried out.
#[derive(Debug)]
pub struct Frontier {
    gates: Vec<Gate>,
    /// The gates that wait for a step.
    gates_of: Vec<Vec<usize>>,
    /// How many gates still stand before a step.
    closed: Vec<usize>,
    ready: BinaryHeap<Reverse<usize>>,
    skipped: Vec<bool>,
}

/// A range of steps, and the steps that wait for all of it.
#[derive(Debug)]
struct Gate {
    left: usize,
    waiting: Vec<usize>,
}

impl Frontier {
    pub fn new(plan: &Plan) -> Self {
        let count = plan.steps.len();
        let mut frontier = Self {
            gates: Vec::new(),
            gates_of: vec![Vec::new(); count],
            closed: vec![0; count],
            ready: BinaryHeap::new(),
            skipped: vec![false; count],
        };
        let mut known: HashMap<(usize, usize), usize> = HashMap::new();
        for (position, step) in plan.steps.iter().enumerate() {
            for range in step.needs.ranges() {
                let gate = *known.entry(*range).or_insert_with(|| frontier.add_gate(*range));
                frontier.gates[gate].waiting.push(position);
                frontier.closed[position] += 1;
            }
            if step.needs.is_empty() {
                frontier.ready.push(Reverse(position));
            }
        }
        frontier
    }

    fn add_gate(&mut self, (first, last): (usize, usize)) -> usize {
        let gate = self.gates.len();
        self.gates.push(Gate { left: last + 1 - first, waiting: Vec::new() });
        self.gates_of[first..=last].iter_mut().for_each(|gates| gates.push(gate));
        gate
    }

    /// The first step that may begin; it is given once.
    pub fn begin(&mut self) -> Option<usize> {
        self.ready.pop().map(|Reverse(position)| position)
    }

    /// A step that was begun is done.
    pub fn done(&mut self, position: usize) {
        for gate in std::mem::take(&mut self.gates_of[position]) {
            self.gates[gate].left -= 1;
            if self.gates[gate].left > 0 {
                continue;
            }
            for waiting in std::mem::take(&mut self.gates[gate].waiting) {
                self.closed[waiting] -= 1;
                if self.closed[waiting] == 0 && !self.skipped[waiting] {
                    self.ready.push(Reverse(waiting));
                }
            }
        }
    }

    /// A step that was begun has failed. Gives the steps that will therefore never begin, each with the one that it
    /// needed and that failed or was skipped itself.
    pub fn failed(&mut self, position: usize) -> Vec<(usize, usize)> {
        let mut skipped = Vec::new();
        let mut open = vec![position];
        while let Some(at_fault) = open.pop() {
            for gate in std::mem::take(&mut self.gates_of[at_fault]) {
                for waiting in std::mem::take(&mut self.gates[gate].waiting) {
                    if !std::mem::replace(&mut self.skipped[waiting], true) {
                        skipped.push((waiting, at_fault));
                        open.push(waiting);
                    }
                }
            }
        }
        skipped.sort_unstable();
        skipped
    }
}
