//! Shallow scenes under criterion: `cargo bench -p mandelbrot`.

use criterion::{Criterion, criterion_group, criterion_main};
use mandelbrot::{Accuracy, Cancel, Job, References, View, draw};

fn scenes(criterion: &mut Criterion) {
    let scenes = [
        ("S1", (-0.5, 0.0), 3.0, 256),
        ("S3", (-0.7435, 0.1314), 0.002, 1000),
        ("S4", (-0.348_426_337_841_269_1, -0.606_539_402_343_932_3), 2.2e-4, 2000),
        ("S6", (-0.1226, 0.7449), 0.05, 4096),
    ];
    for (name, center, width, limit) in scenes {
        let view = View::around(center, width, (256, 256)).expect("in range");
        let job = Job::new(view, limit).expect("in range").with_accuracy(Accuracy::Draft);
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| draw(&job, &References::new(0), &Cancel::default()));
        });
    }
}

criterion_group!(benches, scenes);
criterion_main!(benches);
