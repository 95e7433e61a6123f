//! Prints how long well-known scenes take: seconds, CPU seconds, steps a second, and, for those without shortcuts, the
//! part of what this machine's multipliers could do.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::Instant;

use mandelbrot::{Accuracy, Cancel, Job, NEVER, References, View, draw};

/// Seconds of CPU time of this process, from the kernel's accounting in hundredths.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) * 1e-9
}

/// Clock rate: a chain of dependent multiplications takes three cycles each.
fn clock() -> f64 {
    let chain = || {
        let (start, mut value) = (Instant::now(), std::hint::black_box(3_u64));
        for _ in 0..20_000_000_u32 {
            value = std::hint::black_box(value).wrapping_mul(value);
        }
        (start.elapsed().as_secs_f64(), std::hint::black_box(value)).0
    };
    (0..5).map(|_| chain()).fold(f64::MAX, f64::min)
}

fn measure(name: &str, job: &Job, times: u32) {
    let mut best = (f64::MAX, f64::MAX, 0.0);
    for _ in 0..times {
        let (start, used) = (Instant::now(), cpu());
        let raw = draw(job, &References::new(0), &Cancel::default()).expect("nobody cancels");
        let seconds = start.elapsed().as_secs_f64();
        let count = |&steps: &u32| f64::from(if steps == NEVER { job.limit() } else { steps });
        let steps: f64 = raw.steps.iter().map(count).sum();
        best = (seconds.min(best.0), (cpu() - used).min(best.1), steps);
    }
    let (seconds, cpu, steps) = best;
    println!("{name:22} {seconds:8.4} s {cpu:8.4} s of CPU {:7.2} G steps/s", steps / cpu / 1e9);
}

fn main() {
    let threads = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread().build();
    pool.expect("a pool").install(scenes);
}

/// Width of 640 × 360 pixels at a zoom, where 1 is 4 high.
fn width_of(zoom: &str) -> String {
    let (value, power) = zoom.split_once('E').unwrap_or((zoom, "0"));
    let width = 4.0 / value.parse::<f64>().unwrap_or(1.0) * 640.0 / 360.0;
    format!("{width}e-{power}")
}

fn scenes() {
    println!("20 M dependent multiplications: {:.4} s", clock());
    let s = [
        ("S1", (-0.5, 0.0), 3.0, 256),
        ("S2", (-0.75, 0.11), 0.2, 200),
        ("S3", (-0.7435, 0.1314), 0.002, 1000),
        ("S4", (-0.348_426_337_841_269_1, -0.606_539_402_343_932_3), 2.2e-4, 2000),
        ("S5", (-0.743_643_887_037_151, 0.131_825_904_205_330), 1.6e-9, 5000),
        ("S6", (-0.1226, 0.7449), 0.05, 4096),
    ];
    for (name, center, width, limit) in s {
        let view = View::around(center, width, (768, 512)).expect("in range");
        let job = Job::new(view, limit).expect("in range").with_accuracy(Accuracy::Draft);
        measure(name, &job, 5);
        measure(&format!("{name} without shortcuts"), &job.without_shortcuts(), 5);
    }
    for line in include_str!("../tests/places.txt").lines().filter(|line| !line.starts_with('#')) {
        let [name, zoom, limit, re, im] = line.split(' ').collect::<Vec<_>>()[..] else { continue };
        let Ok(width) = width_of(zoom).parse() else { continue };
        let center = (re.parse().expect("decimal"), im.parse().expect("decimal"));
        let Ok(view) = View::new(center, width, (640, 360)) else { continue };
        let Ok(job) = Job::new(view, limit.parse().unwrap_or(0)) else { continue };
        if job.limit() < 2_000_000 {
            measure(&format!("{name} {zoom}"), &job, 2);
        }
    }
}
