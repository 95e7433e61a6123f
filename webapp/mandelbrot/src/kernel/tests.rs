//! All kernels against each other.

use super::Kernel;
use crate::{Accuracy, Cancel, Job, Raw, References, View, draw};

fn drawn(kernel: Kernel, view: &View, limit: u32, accuracy: Accuracy) -> Raw {
    let job = Job::new(view.clone(), limit).unwrap().with_accuracy(accuracy).on(kernel);
    draw(&job, &References::new(0), &Cancel::default()).unwrap()
}

#[test]
fn every_set_of_instructions_gives_the_same_bits() {
    let places = [
        ((-0.5, 0.0), 3.0, 200),
        ((-0.7435, 0.1314), 2e-3, 900),
        ((-0.348_426_337_841_269_1, -0.606_539_402_343_932_3), 2.2e-4, 2000),
        ((-0.1226, 0.7449), 0.3, 3000),
    ];
    for (center, width, limit) in places {
        let view = View::around(center, width, (97, 71)).unwrap();
        for accuracy in [Accuracy::Draft, Accuracy::Exact] {
            let kernels = Kernel::available();
            let expected = drawn(kernels[kernels.len() - 1], &view, limit, accuracy);
            for kernel in &kernels {
                let drawn = drawn(*kernel, &view, limit, accuracy);
                assert!(drawn == expected, "{} at {center:?}, {accuracy:?}", kernel.name());
            }
        }
    }
}
