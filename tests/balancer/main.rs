//! The planner of load balancers against the service that carries its plans out: every state on the way from any
//! environment to any other, and every state in which a run may be killed.
//!
//! The service is the embedded cloud's own code, without its sockets: what it refuses here it refuses there.
#![cfg(test)]

mod bound;
mod dice;
mod environments;
mod site;
mod state;
mod walk;

use dice::Dice;
use walk::Walk;

/// Pairs of environments, unless `PAIRS` says otherwise.
const PAIRS: u64 = 3_000;

/// `PAIR=17 cargo test --workspace --test balancer` walks one pair only.
#[test]
fn every_state_between_two_environments_serves_what_both_declare() {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    if let Some(seed) = number("PAIR") {
        return walk_all(seed, true);
    }
    let pairs: u64 = number("PAIRS").unwrap_or(PAIRS);
    std::thread::scope(|scope| {
        for seeds in [0..pairs / 2, pairs / 2..pairs] {
            scope.spawn(|| seeds.for_each(|seed| walk_all(seed, seed % 100 == 0)));
        }
    });
}

/// Walks from one environment to another; then again from where a run was killed, to the other and back. `thorough`:
/// from everywhere a run may have been killed.
fn walk_all(seed: u64, thorough: bool) {
    let mut dice = Dice::new(seed);
    let (from, to) = environments::pair(&mut dice);
    let told = |why: String| -> ! {
        panic!(
            "PAIR={seed} cargo test --workspace --test balancer\n{why}\nfrom {from:#?}\nto {to:#?}"
        )
    };
    let walk = Walk::new(&from, &to).unwrap_or_else(|why| told(why));
    let states = walk.forward().unwrap_or_else(|why| told(why));
    let chosen = dice.roll(states.len());
    for (number, state) in states.into_iter().enumerate() {
        if thorough || number == chosen {
            let goes_on = thorough || number % 2 == 0;
            let resumed = if goes_on { walk.resume(state.clone()) } else { Ok(()) };
            let goes_back = thorough || number % 2 == 1;
            let outcome = resumed.and_then(|()| if goes_back { walk.back(state) } else { Ok(()) });
            outcome.unwrap_or_else(|why| told(format!("killed after {number} calls: {why}")));
        }
    }
}
