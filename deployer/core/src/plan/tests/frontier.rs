//! Which steps begin when some fail.

use proptest::prelude::*;

use super::*;

/// A plan of steps with these needs.
fn steps(needs: &[Vec<usize>]) -> Plan {
    let mut empty = plan(&Desired::new(), &Observed::default());
    for (position, needs) in needs.iter().enumerate() {
        let action = Action::Create { spec: Value::Null };
        let address = Address::new(Kind::Vcn, format!("n{position}"));
        let mut step = difference::step(&address, action, "");
        step.needs = needs.iter().map(|need| (*need, *need)).collect();
        empty.steps.push(step);
    }
    empty
}

fn needs() -> impl Strategy<Value = Vec<Vec<usize>>> {
    proptest::collection::vec(proptest::collection::vec(any::<prop::sample::Index>(), 0..4), 1..20)
        .prop_map(|all| {
            let earlier = |(position, needs): (usize, Vec<prop::sample::Index>)| {
                let needs = needs.into_iter().filter(|_| position > 0);
                needs.map(|need| need.index(position)).collect()
            };
            all.into_iter().enumerate().map(earlier).collect()
        })
}

proptest! {
    #[test]
    fn every_step_is_begun_after_its_needs_or_skipped_because_one_failed(
        needs in needs(),
        fails in proptest::collection::vec(proptest::bool::weighted(0.2), 20),
    ) {
        let plan = steps(&needs);
        let mut frontier = Frontier::new(&plan);
        let mut well: Vec<Option<bool>> = vec![None; plan.steps.len()];
        while let Some(position) = frontier.begin() {
            prop_assert!(plan.steps[position].needs.iter().all(|need| well[need] == Some(true)));
            prop_assert_eq!(well[position].replace(!fails[position]), None);
            if !fails[position] {
                frontier.done(position);
                continue;
            }
            for (skipped, at_fault) in frontier.failed(position) {
                prop_assert!(plan.steps[skipped].needs.contains(at_fault));
                prop_assert_eq!(well[at_fault], Some(false));
                prop_assert_eq!(well[skipped].replace(false), None);
            }
        }
        for (position, step) in plan.steps.iter().enumerate() {
            let may_begin = step.needs.iter().all(|need| well[need] == Some(true));
            prop_assert_eq!(well[position], Some(may_begin && !fails[position]));
        }
    }
}
